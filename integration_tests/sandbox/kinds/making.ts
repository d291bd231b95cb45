import type { StreamDefinition } from '../../../src/streams/definition.js';
import type { Schema } from '../../../src/streams/schemas.js';
import { isoTime, type Plan, type Subject, type Value } from '../data/plausible.js';
import { letters } from '../data/random.js';
import { type Facts, PREFIXES } from './facts.js';
import type { Kind } from './kind.js';
import { any, idAt } from './relations.js';

/** What a stream needs to know about the others. */
export interface Surroundings {
  readonly catalog: readonly StreamDefinition[];
  /** The kind whose objects have this in `object`, if they have a list of their own. */
  readonly kindOfObject: (object: string) => Kind | undefined;
  readonly kindOfPath: (path: string) => Kind | undefined;
}

/** Fields that every object has. */
export function common(object: string, schema: Schema, cursorField: string): readonly [string, Value][] {
  const time = schema.properties?.[cursorField]?.type;
  const isText = typeof time === 'object' && time.includes('string');
  const created = ({ row }: Subject) => (isText ? isoTime(row.created) : row.created);
  return [
    ['id', ({ row }: Subject) => row.id],
    ['object', object],
    ...(time === undefined ? [] : [[cursorField, created] as [string, Value]]),
  ];
}

/** Values that follow each other from object to object. */
export function inTurn({ values = {} }: Facts): readonly [string, Value][] {
  return Object.entries(values).map(([path, choices]) => [
    path,
    ({ row }: Subject) => choices[row.index % choices.length],
  ]);
}

/** Ids of existing objects; made-up ids for kinds that the sandbox does not have. */
export function idOf({ kindOfObject }: Surroundings): Plan['idOf'] {
  return (row, objects, salt) => {
    const known = objects.flatMap((object) => kindOfObject(object) ?? []);
    for (const { name } of known) {
      const id = idAt(row.world, name, any(row, name, salt));
      if (id !== null) return id;
    }
    const [object] = objects;
    return known.length > 0 || object === undefined ? null : prefixOf(object) + letters(row.hash(salt), 14);
  };
}

/** What ids start with; if it is not known for a kind, a prefix that looks like Stripe's. */
export function prefixOf(object: string): string {
  const known = PREFIXES[object];
  if (known !== undefined) return known;
  const words = object.split(/[._]/);
  const last = words.at(-1) ?? '';
  const initials = words.slice(0, -1).map((word) => word[0] ?? '');
  return `${initials.join('')}${last.slice(0, 4)}_1`;
}

/** What a restricted key needs: Stripe names permissions after what they are for, and so does the sandbox. */
export function permissionOf(object: string): readonly [code: string, label: string] {
  const words = object.split(/[._]/);
  const title = words.map((word) => (word[0] ?? '').toUpperCase() + word.slice(1)).join(' ');
  return [`${words.join('_')}_read`, `${title} Read`];
}
