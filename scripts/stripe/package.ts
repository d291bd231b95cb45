import { Project, type SourceFile } from 'ts-morph';

/** The types of the pinned `stripe` package, from the root of the project. */
const TYPES = 'node_modules/stripe/esm/resources/**/*.d.ts';

let files: readonly SourceFile[] | undefined;

/** The type declarations of the pinned `stripe` package, parsed once. */
export function packageFiles(): readonly SourceFile[] {
  files ??= new Project({
    compilerOptions: { strict: true, types: [] },
    skipAddingFilesFromTsConfig: true,
  }).addSourceFilesAtPaths(TYPES);
  return files;
}
