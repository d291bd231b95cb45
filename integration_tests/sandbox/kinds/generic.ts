import { cursorFieldOf, kindsOf, type StreamDefinition } from '../../../src/streams/definition.js';
import { eventTypesOf } from '../../../src/streams/events.js';
import { readSchema, type Schema } from '../../../src/streams/schemas.js';
import { embeddedList } from '../data/objects.js';
import { LEFT_OUT, plausible, type Subject, type Value } from '../data/plausible.js';
import { Json, type Template } from '../data/template.js';
import { FACTS, type Facts } from './facts.js';
import type { Kind } from './kind.js';
import { common, idOf, inTurn, permissionOf, prefixOf, type Surroundings } from './making.js';

/** The objects of a top-level stream, made from its schema. */
export function genericKind(stream: StreamDefinition, around: Surroundings): Kind {
  const { name, path, params = {} } = stream;
  const [object = ''] = kindsOf(stream);
  const { values, ...facts } = FACTS[name] ?? {};
  const schema = readSchema(name);
  const write = writerOf(stream, schema, around);
  return {
    name,
    path,
    object,
    prefix: prefixOf(object),
    permission: permissionOf(object),
    filters: filtersOf(schema, params, facts),
    events: eventsOf(stream),
    ...distinguishing(stream, around.catalog),
    ...(stream.paginates === false ? { paginates: false } : {}),
    ...(stream.createdFilter === false ? { createdFilter: false } : {}),
    ...facts,
    write: (row, indent) => write({ row, links: {} }, indent),
  };
}

function writerOf(stream: StreamDefinition, schema: Schema, around: Surroundings): Template<Subject> {
  const [object = ''] = kindsOf(stream);
  const fixed = new Map<string, Value>([
    ...common(object, schema, cursorFieldOf(stream)),
    ...embedded(stream, around.catalog),
    ...constants(schema, stream.params ?? {}),
    ...inTurn(FACTS[stream.name] ?? {}),
  ]);
  return plausible({ schema, fixed, idOf: idOf(around) });
}

/** Types of events, as far as their names say what has happened. */
function eventsOf(stream: StreamDefinition): NonNullable<Kind['events']> {
  const types = eventTypesOf(stream);
  const [created, updated, deleted] = ['created', 'updated', 'deleted'].map((what) =>
    types.find((type) => type.endsWith(`.${what}`)),
  );
  return {
    ...(created === undefined ? {} : { created: () => created }),
    ...(updated === undefined ? {} : { updated }),
    ...(deleted === undefined ? {} : { deleted }),
  };
}

/** Parameters by which this list differs from another one of the same path. */
function distinguishing(stream: StreamDefinition, catalog: readonly StreamDefinition[]): Pick<Kind, 'when'> {
  const { params } = stream;
  const isOther = (other: StreamDefinition) => other !== stream && other.path === stream.path && !other.parent;
  return params !== undefined && catalog.some(isOther) ? { when: params } : {};
}

/** The lists that objects of a stream embed, without those that must be expanded. */
function embedded(stream: StreamDefinition, catalog: readonly StreamDefinition[]): readonly [string, Value][] {
  return catalog.flatMap(({ name, parent }) => {
    if (parent?.stream.path !== stream.path || parent.embeddedIn === undefined) return [];
    const list = ({ row }: Subject) =>
      new Json((indent) => embeddedList(row.world.list(name), row.world, row.index, indent));
    return [[parent.embeddedIn, parent.expand ? LEFT_OUT : list]];
  });
}

/** Fields that all objects share when a list is requested with these parameters: `scope[type]=account`. */
function constants(schema: Schema, params: Readonly<Record<string, string>>): readonly [string, Value][] {
  return Object.entries(params).flatMap(([param, value]): [string, Value][] => {
    const path = pathOf(param);
    return value === 'all' || !hasField(schema, path) ? [] : [[path, value]];
  });
}

/** A parameter that is not a field of the objects is accepted and changes nothing. */
function filtersOf(
  schema: Schema,
  params: Readonly<Record<string, string>>,
  { leavesOut }: Facts,
): Record<string, string> {
  const names = Object.keys(params).filter((param) => hasField(schema, pathOf(param)));
  return Object.fromEntries(names.filter((param) => param !== leavesOut?.param).map((param) => [param, pathOf(param)]));
}

function pathOf(param: string): string {
  return param.replaceAll(/\[(\w+)\]/g, '.$1');
}

function hasField(schema: Schema, path: string): boolean {
  let at: Schema | undefined = schema;
  for (const name of path.split('.')) at = at?.properties?.[name];
  return at !== undefined;
}
