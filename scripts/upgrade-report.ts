import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { catalog } from '../src/streams/catalog.js';
import { embeddedLists } from '../src/streams/embedded-lists.js';
import { eventKinds } from '../src/streams/events.generated.js';
import { formerStreams, notStreams } from '../src/streams/not-streams.js';
import { factsOf, LISTS, type ListFacts, OPTIONAL } from './generate-facts.js';
import { loadEvents } from './stripe/events.js';
import { loadPackage } from './stripe/known.js';
import { disagreements, embeddedDisagreements } from './stripe/review.js';

/**
 * Reports what an upgrade of the `stripe` package means for the catalog. Run it after `npm install stripe@…` and before
 * `npm run generate`, which takes the new package as reviewed.
 */
function report(): readonly Section[] {
  const known = loadPackage();
  const { lists } = known;
  const reviewed: Readonly<Record<string, ListFacts>> = JSON.parse(readFileSync(LISTS, 'utf8'));
  const installed = Object.fromEntries([...lists.values()].map((list) => [list.path, factsOf(list)]));
  const read = new Set(catalog.map(({ path }) => path));
  const undecided = [...lists.keys()].filter((path) => !read.has(path) && !(path in notStreams));
  const decided = [...Object.keys(notStreams), ...read];
  return [
    { title: 'Lists that are neither a stream nor in not-streams.ts', lines: undecided.map((path) => about(path)) },
    { title: 'Lists that the package does not have any more', lines: decided.filter((path) => !lists.has(path)) },
    { title: 'Former lists that the package has', lines: Object.keys(formerStreams).filter((path) => lists.has(path)) },
    {
      title: 'Literals that disagree with the package',
      lines: catalog.flatMap((stream) => disagreements(stream, known).map((sentence) => `${stream.name} ${sentence}`)),
    },
    { title: 'Lists within objects', lines: embeddedDisagreements(embeddedLists, known) },
    { title: 'What Stripe says otherwise about a list', lines: differences(reviewed, installed) },
    {
      title: 'Fields that objects may lack, some of which Stripe leaves out unless asked (includable.ts)',
      lines: newFields(JSON.parse(readFileSync(OPTIONAL, 'utf8')), known.optional),
    },
    { title: 'Types of events', lines: differences(eventKinds, Object.fromEntries(loadEvents())) },
  ];

  function about(path: string): string {
    return `${path}: ${lists.get(path)?.about}`;
  }
}

/** The fields of each kind that were not there before. */
function newFields(
  before: Readonly<Record<string, readonly string[]>>,
  after: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  return [...after].flatMap(([kind, fields]) =>
    fields.filter((field) => !before[kind]?.includes(field)).map((field) => `+ ${kind} ${field}`),
  );
}

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The leaves in which two values differ, each with its path, before and after. */
function differences(before: unknown, after: unknown, path: readonly string[] = []): readonly string[] {
  if (isParent(before) && isParent(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => differences(before[name], after[name], [...path, name]));
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const where = path.join(' ');
  if (before === undefined) return [`+ ${where}: ${JSON.stringify(after)}`];
  if (after === undefined) return [`- ${where}: ${JSON.stringify(before)}`];
  return [`  ${where}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`];
}

function isParent(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { version } = JSON.parse(readFileSync('node_modules/stripe/package.json', 'utf8'));
const api = readFileSync('node_modules/stripe/esm/apiVersion.js', 'utf8').match(/'(\d{4}-[^']+)'/)?.[1];
console.log(`stripe ${version}, API ${api}, against the catalog and what was reviewed last`);
for (const { title, lines } of report()) {
  console.log(`\n${title}: ${lines.length === 0 ? 'none' : ''}`);
  for (const line of lines) console.log(`  ${line}`);
}
console.log('\nThen: npm run generate, read the diff of schemas/ and docs/streams.md, and npm run check.');
