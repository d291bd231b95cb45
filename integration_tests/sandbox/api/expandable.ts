import { catalog } from '../../../src/streams/catalog.js';
import { kindsOf } from '../../../src/streams/definition.js';
import { readSchema, type Schema } from '../../../src/streams/schemas.js';
import { isListSchema } from '../data/plausible.js';

/** Fields of a kind of object that can be expanded, by their path with dots. */
export interface Expandable {
  /** Fields that hold an id, each with the kinds of objects that may stand in its place. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
  /** Lists, and objects that are always whole: expanding them is allowed and changes nothing. */
  readonly whole: ReadonlySet<string>;
}

const known = new Map<string, Expandable>();

/** What the schemas say about a kind; undefined for one that is no stream. */
export function expandableOf(object: string): Expandable | undefined {
  const found = known.get(object);
  if (found) return found;
  const streams = catalog.filter((stream) => kindsOf(stream).includes(object));
  const alone = streams.filter((stream) => stream.object === object);
  const schemas = (alone.length > 0 ? alone : streams).map(({ name }) => readSchema(name));
  if (schemas.length === 0) return undefined;
  const expandable = { ids: new Map<string, readonly string[]>(), whole: new Set<string>() };
  for (const schema of schemas) collect(schema, '', expandable);
  known.set(object, expandable);
  return expandable;
}

function collect(
  schema: Schema,
  path: string,
  found: { readonly ids: Map<string, readonly string[]>; readonly whole: Set<string> },
): void {
  const kinds = schema['x-expands-to'];
  if (kinds) found.ids.set(path, kinds);
  if (path !== '' && (isListSchema(schema) || isResource(schema))) found.whole.add(path);
  if (schema.items) collect(schema.items, path, found);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    collect(field, path === '' ? name : `${path}.${name}`, found);
  }
}

function isResource({ properties }: Schema): boolean {
  return properties?.['id'] !== undefined && properties['object'] !== undefined;
}
