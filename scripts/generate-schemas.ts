import type { Type } from 'ts-morph';
import { catalog } from '../src/streams/catalog.js';
import { kindsOf, type StreamDefinition } from '../src/streams/definition.js';
import { describeResource } from './schemas/describe.js';
import { mergeProperties, type Properties, type Schema } from './schemas/schema.js';
import { loadResources, variantsOf } from './stripe/resources.js';

/** Where the schemas are, from the root of the project. The generator owns the folder: no other file belongs there. */
export const SCHEMAS = 'schemas';

/** One JSON schema per stream, from the TypeScript types of the pinned `stripe` package: path to text of the file. */
export function generateSchemas(): ReadonlyMap<string, string> {
  const resources = loadResources();
  return new Map(catalog.map((stream) => [`${SCHEMAS}/${stream.name}.json`, print(rowsOf(stream, resources))]));
}

function rowsOf(stream: StreamDefinition, resources: ReadonlyMap<string, Type>): Properties {
  const kinds = kindsOf(stream)
    .map((kind) => resourceOf(kind, stream, resources))
    .map((type) => describeResource(type, variantsOf(type)));
  return { ...kinds.reduce(mergeProperties), ...copiesOf(stream, resources) };
}

function resourceOf(kind: string, { name }: StreamDefinition, resources: ReadonlyMap<string, Type>): Type {
  const type = resources.get(kind);
  if (!type) throw new Error(`The stripe package has no type for ${kind}, the object of ${name}`);
  return type;
}

/** The fields that a child's row takes over from its parent, typed as they are there. */
function copiesOf(stream: StreamDefinition, resources: ReadonlyMap<string, Type>): Properties {
  const copies = Object.entries(stream.parent?.copy ?? {});
  if (!stream.parent || copies.length === 0) return {};
  const parent = rowsOf(stream.parent.stream, resources);
  return Object.fromEntries(copies.map(([name, original]) => [name, copyOf(parent[original], stream, original)]));
}

function copyOf(field: Schema | undefined, stream: StreamDefinition, original: string): Schema {
  if (!field) throw new Error(`${stream.name} copies ${original}, which its parent does not have`);
  return field;
}

/** The text of a schema file. A list takes one line, and so does a field of a simple type. */
function print(properties: Properties): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties,
    additionalProperties: true,
  };
  const text = JSON.stringify(schema, undefined, 2)
    .replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, items: string) => `[${items.replace(/\s+/g, ' ')}]`)
    .replace(/\{[^{}]*\}/g, (field) => field.replace(/\s+/g, ' '));
  return `${text}\n`;
}
