import { loadEvents } from './stripe/events.js';
import { loadPackage } from './stripe/known.js';
import type { ListEndpoint } from './stripe/lists.js';

/** What Stripe said about its lists when they were last reviewed, from the root of the project. */
export const LISTS = 'scripts/stripe/lists.generated.json';

/** The fields that Stripe's objects may lack, as they were when they were last reviewed, from the root of the project. */
export const OPTIONAL = 'scripts/stripe/optional.generated.json';

/** A list as the review of an upgrade compares it; its fields are in the schemas. */
export type ListFacts = Omit<ListEndpoint, 'path' | 'fields'>;

/** What the pinned `stripe` package says about lists and events: path to text of the file. */
export function generateFacts(): ReadonlyMap<string, string> {
  const known = loadPackage();
  const lists = Object.fromEntries([...known.lists.values()].map((list) => [list.path, factsOf(list)]));
  return new Map([
    [LISTS, `${JSON.stringify(lists, undefined, 1)}\n`],
    [OPTIONAL, `${JSON.stringify(Object.fromEntries(known.optional), undefined, 1)}\n`],
    ['src/streams/events.generated.ts', declareEvents()],
  ]);
}

/** Paging is the same everywhere. */
export function factsOf({ path: _, fields: __, ...list }: ListEndpoint): ListFacts {
  const { limit: ___, starting_after: ____, ...parameters } = list.parameters;
  return { ...list, parameters };
}

function declareEvents(): string {
  const entries = [...loadEvents()].map(
    ([type, kinds]) => `  '${type}': [${kinds.map((kind) => `'${kind}'`).join(', ')}],`,
  );
  return [
    "/** Every type of Stripe's events, with the kinds of objects that it may carry. */",
    'export const eventKinds: Readonly<Record<string, readonly string[]>> = {',
    ...entries,
    '};',
    '',
  ].join('\n');
}
