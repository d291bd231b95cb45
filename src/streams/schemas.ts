import { readFileSync } from 'node:fs';
import { catalog } from './catalog.js';
import type { StreamDefinition } from './definition.js';

/** A JSON schema, or the part of one, as the generator writes it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  /** Kinds of objects that stand here instead of their id when the field is expanded. `discover` removes it. */
  readonly 'x-expands-to'?: readonly string[];
}

/** The committed schema of a stream. */
export function readSchema(name: string): Schema {
  return JSON.parse(readFileSync(new URL(`../../schemas/${name}.json`, import.meta.url), 'utf8'));
}

/** The schema of a kind of object, as far as a stream has it. */
export function schemaOfKind(kind: string): Schema | undefined {
  const stream = catalog.find(({ object, parent }) => object === kind && parent?.copy === undefined);
  return stream && readSchema(stream.name);
}

/**
 * The schema of a stream's rows under this configuration: where a field is expanded, the object stands in place of its
 * id. `schemaOfKind` gives the schema of a kind of object, as far as there is one.
 */
export function schemaFor(
  stream: StreamDefinition,
  expand: readonly string[],
  schemaOfKind: (kind: string) => Schema | undefined,
): Schema {
  const expanded = expand.reduce(
    (schema, field) => expandField(schema, field.split('.'), schemaOfKind),
    readSchema(stream.name),
  );
  return plain(expanded);
}

/** Follows a path of field names through objects, arrays and the objects that expanded ids turn into. */
function expandField(
  schema: Schema,
  path: readonly string[],
  schemaOfKind: (kind: string) => Schema | undefined,
): Schema {
  if (schema.items) return { ...schema, items: expandField(schema.items, path, schemaOfKind) };
  const [name, ...rest] = path;
  if (name === undefined) return objectInPlaceOf(schema, schemaOfKind);
  const field = schema.properties?.[name];
  if (!field) return schema;
  const within = rest.length > 0 ? objectInPlaceOf(field, schemaOfKind) : field;
  return { ...schema, properties: { ...schema.properties, [name]: expandField(within, rest, schemaOfKind) } };
}

/** The object that stands in place of an expandable id; anything else stays what it is. */
function objectInPlaceOf(schema: Schema, schemaOfKind: (kind: string) => Schema | undefined): Schema {
  const kinds = schema['x-expands-to'];
  if (!kinds) return schema;
  const [kind] = kinds;
  const known = kinds.length === 1 && kind !== undefined ? schemaOfKind(kind) : undefined;
  return { ...(known ?? { additionalProperties: true }), type: ['null', 'object'] };
}

/** The schema without the keywords that only the connector understands. */
function plain({ 'x-expands-to': _, ...schema }: Schema): Schema {
  const { properties, items, additionalProperties } = schema;
  return {
    ...schema,
    ...(properties
      ? { properties: Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, plain(v)])) }
      : {}),
    ...(items ? { items: plain(items) } : {}),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: plain(additionalProperties) } : {}),
  };
}
