import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateDocs } from './generate-docs.js';
import { generateFacts } from './generate-facts.js';
import { generateSchemas, SCHEMAS } from './generate-schemas.js';
import { generateTypes } from './generate-types.js';

/** A file that differs from what the generators produce. Without `text`, they produce no such file. */
interface Difference {
  readonly path: string;
  readonly state: 'missing' | 'different' | 'stray';
  readonly text?: string;
}

/** Every generated file: path from the root of the project to its text. */
async function generate(): Promise<ReadonlyMap<string, string>> {
  const schemas = generateSchemas();
  return new Map([...generateFacts(), ...schemas, ...generateDocs(schemas), ...(await generateTypes())]);
}

async function compare(files: ReadonlyMap<string, string>): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  for (const [path, text] of files) {
    if (!existsSync(path)) differences.push({ path, state: 'missing', text });
    else if ((await readFile(path, 'utf8')) !== text) differences.push({ path, state: 'different', text });
  }
  const present = existsSync(SCHEMAS) ? await readdir(SCHEMAS) : [];
  const stray = present.map((name) => `${SCHEMAS}/${name}`).filter((path) => !files.has(path));
  return [...differences, ...stray.map((path) => ({ path, state: 'stray' as const }))];
}

async function apply({ path, text }: Difference): Promise<void> {
  if (text === undefined) return rm(path, { recursive: true });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Writes the files that are not up to date. With `--check`, it only names them and fails. */
async function main(): Promise<void> {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  const check = process.argv.includes('--check');
  const files = await generate();
  const differences = await compare(files);
  for (const difference of differences) {
    if (!check) await apply(difference);
    console.log(`${difference.state}: ${difference.path}`);
  }
  console.log(
    summary(files.size, differences.length, check ? 'not up to date: npm run generate' : 'written or removed'),
  );
  if (check && differences.length > 0) process.exitCode = 1;
}

function summary(files: number, differences: number, what: string): string {
  return differences === 0 ? `${files} generated files are up to date` : `${differences} ${what}`;
}

await main();
