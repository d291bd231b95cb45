import { catalog, streamOfKind } from '../../src/streams/catalog.js';
import { kindsOf, type StreamDefinition } from '../../src/streams/definition.js';
import type { Schema } from '../../src/streams/schemas.js';

/** A field that holds the id of a row of other streams. */
export interface Relation {
  readonly from: StreamDefinition;
  /** The path of the field, without the marks of arrays. */
  readonly field: string;
  /** The streams, one of which has the row; each is named once. */
  readonly to: readonly StreamDefinition[];
}

/**
 * The relations of a stream, from the ids in its schema that Stripe can expand. The relations of an embedded object or list
 * belong to the stream of that object, and an id of an object that no stream has is not a relation. A stream of some
 * objects of a kind has the relations of the stream of all of them.
 */
export function relationsOf(stream: StreamDefinition, schema: Schema): readonly Relation[] {
  if (typeof stream.object !== 'string' || !streamsOfKind(stream.object).includes(stream)) return [];
  return idsIn(schema, []).flatMap(({ field, kinds }) => {
    const to = [...new Set(kinds.flatMap(streamsOfKind))];
    return to.length > 0 ? [{ from: stream, field, to }] : [];
  });
}

interface Id {
  readonly field: string;
  readonly kinds: readonly string[];
}

function idsIn(schema: Schema, path: readonly string[]): readonly Id[] {
  const kinds = schema['x-expands-to'];
  if (kinds) return [{ field: path.join('.'), kinds }];
  if (schema.items) return idsIn(schema.items, path);
  const isResource = path.length > 0 && schema.properties?.['object'] !== undefined;
  if (isResource) return [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => idsIn(field, [...path, name]));
}

/** Where the rows of a kind are: in the list of all of them or, where there is none, in those of each parent. */
function streamsOfKind(kind: string): readonly StreamDefinition[] {
  const all = streamOfKind(kind);
  if (all) return [all];
  const streams = catalog.filter(({ object }) => object === kind);
  return streams.length > 0 ? streams : catalog.filter((stream) => kindsOf(stream).includes(kind));
}
