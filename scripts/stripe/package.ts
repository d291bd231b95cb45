import { readFileSync } from 'node:fs';
import { type ClassDeclaration, type MethodDeclaration, Project, type SourceFile } from 'ts-morph';

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

/**
 * The path that a method of a resource asks with GET, its ids as `{id}`; undefined for any other method. The path is not
 * in the types but in the code beside them.
 */
export function getPathOf(file: SourceFile, resource: ClassDeclaration, method: MethodDeclaration): string | undefined {
  const code = readFileSync(file.getFilePath().replace(/\.d\.ts$/, '.js'), 'utf8');
  const [, ofResource = ''] = code.split(`class ${resource.getName()} `);
  const [, fromMethod = ''] = ofResource.split(`\n    ${method.getName()}(`);
  const [body = ''] = fromMethod.split('\n    }\n');
  const [, path] = /_makeRequest\('GET', ['`](.+?)['`],/.exec(body) ?? [];
  return path?.replace(/\$\{.+?\}/g, '{id}');
}
