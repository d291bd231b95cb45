<<<<<<< HEAD
import { cursorFieldOf, kindsOf, primaryKeyOf, type StreamDefinition } from '../../../src/streams/definition.js';
import { readSchema, type Schema } from '../../../src/streams/schemas.js';
import { type ChildIds, createChildIds } from '../data/ids.js';
import { embeddedList, objectText } from '../data/objects.js';
import { isoTime, LEFT_OUT, type Plan, plausible, type Subject, type Value } from '../data/plausible.js';
import { hashOf, letters, mix } from '../data/random.js';
import { type Row, SeededRow } from '../data/row.js';
import { Json, type Template } from '../data/template.js';
import type { World } from '../data/world.js';
import { FACTS, type Facts, PREFIXES } from './facts.js';
import type { Kind, Sublist } from './kind.js';
import { any, idAt } from './relations.js';

/** What a stream needs to know of the others. */
export interface Surroundings {
  readonly catalog: readonly StreamDefinition[];
  /** The kind whose objects have this in `object`, if they have a list of their own. */
  readonly kindOfObject: (object: string) => Kind | undefined;
  readonly kindOfPath: (path: string) => Kind | undefined;
}
=======
import { cursorFieldOf, kindsOf, type StreamDefinition } from '../../../src/streams/definition.js';
import { eventTypesOf } from '../../../src/streams/events.js';
import { readSchema, type Schema } from '../../../src/streams/schemas.js';
import { embeddedList } from '../data/objects.js';
import { LEFT_OUT, plausible, type Subject, type Value } from '../data/plausible.js';
import { Json, type Template } from '../data/template.js';
import { FACTS, type Facts } from './facts.js';
import type { Kind } from './kind.js';
import { common, idOf, inTurn, permissionOf, prefixOf, type Surroundings } from './making.js';
>>>>>>> issue3

/** The objects of a top-level stream, made from its schema. */
export function genericKind(stream: StreamDefinition, around: Surroundings): Kind {
  const { name, path, params = {} } = stream;
  const [object = ''] = kindsOf(stream);
<<<<<<< HEAD
  const facts = FACTS[name] ?? {};
  const schema = readSchema(name);
  const fixed = new Map<string, Value>([
    ...common(object, schema, cursorFieldOf(stream)),
    ...embedded(stream, around.catalog),
    ...constants(schema, params),
    ...inTurn(facts),
  ]);
  const write = plausible({ schema, fixed, idOf: idOf(around) });
  const when = distinguishing(stream, around.catalog);
=======
  const { values, ...facts } = FACTS[name] ?? {};
  const schema = readSchema(name);
  const write = writerOf(stream, schema, around);
>>>>>>> issue3
  return {
    name,
    path,
    object,
    prefix: prefixOf(object),
    permission: permissionOf(object),
    filters: filtersOf(schema, params, facts),
<<<<<<< HEAD
    ...(Object.keys(when).length === 0 ? {} : { when }),
    ...(stream.paginates === false ? { paginates: false } : {}),
    ...(stream.createdFilter === false ? { createdFilter: false } : {}),
    ...(facts.required === undefined ? {} : { required: facts.required }),
    ...(facts.nameOf === undefined ? {} : { nameOf: facts.nameOf }),
    ...(facts.timeline === undefined ? {} : { timeline: facts.timeline }),
    ...(facts.leavesOut === undefined ? {} : { leavesOut: facts.leavesOut }),
=======
    events: eventsOf(stream),
    ...distinguishing(stream, around.catalog),
    ...(stream.paginates === false ? { paginates: false } : {}),
    ...(stream.createdFilter === false ? { createdFilter: false } : {}),
    ...facts,
>>>>>>> issue3
    write: (row, indent) => write({ row, links: {} }, indent),
  };
}

<<<<<<< HEAD
/** Parameters by which this list differs from another one of the same path. */
function distinguishing(
  stream: StreamDefinition,
  catalog: readonly StreamDefinition[],
): Readonly<Record<string, string>> {
  const { params = {} } = stream;
  const others = catalog.filter((other) => other !== stream && other.path === stream.path && !other.parent);
  return others.length === 0 ? {} : params;
}

function common(object: string, schema: Schema, cursorField: string): readonly [string, Value][] {
  const time = schema.properties?.[cursorField]?.type;
  const isText = typeof time === 'object' && time.includes('string');
  const created = ({ row }: Subject) => (isText ? isoTime(row.created) : row.created);
  return [
    ['id', ({ row }: Subject) => row.id],
    ['object', object],
    ...(time === undefined ? [] : [[cursorField, created] as [string, Value]]),
  ];
=======
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
>>>>>>> issue3
}

/** The lists that objects of a stream embed: those that have to be asked for are left out. */
function embedded(stream: StreamDefinition, catalog: readonly StreamDefinition[]): readonly [string, Value][] {
  return catalog.flatMap(({ name, parent }) => {
    if (parent?.stream.path !== stream.path || parent.embeddedIn === undefined) return [];
    const list = ({ row }: Subject) =>
      new Json((indent) => embeddedList(row.world.list(name), row.world, row.index, indent));
    return [[parent.embeddedIn, parent.expand ? LEFT_OUT : list]];
  });
}

/** What every object of a list has that was asked for with these parameters: `scope[type]=account`. */
function constants(schema: Schema, params: Readonly<Record<string, string>>): readonly [string, Value][] {
  return Object.entries(params).flatMap(([param, value]): [string, Value][] => {
    const path = pathOf(param);
    return value === 'all' || !hasField(schema, path) ? [] : [[path, value]];
  });
}

<<<<<<< HEAD
function inTurn({ values = {} }: Facts): readonly [string, Value][] {
  return Object.entries(values).map(([path, choices]) => [
    path,
    ({ row }: Subject) => choices[row.index % choices.length],
  ]);
}

=======
>>>>>>> issue3
/** A parameter that is no field of the objects is taken and changes nothing. */
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
<<<<<<< HEAD

function idOf({ kindOfObject }: Surroundings): Plan['idOf'] {
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

/** What ids start with; where nobody said, it is not what Stripe has, but of its sort. */
function prefixOf(object: string): string {
  const known = PREFIXES[object];
  if (known !== undefined) return known;
  const words = object.split(/[._]/);
  const last = words.at(-1) ?? '';
  const initials = words.slice(0, -1).map((word) => word[0] ?? '');
  return `${initials.join('')}${last.slice(0, 4)}_1`;
}

function permissionOf(object: string): readonly [code: string, label: string] {
  const words = object.split(/[._]/);
  const title = words.map((word) => (word[0] ?? '').toUpperCase() + word.slice(1)).join(' ');
  return [`${words.join('_')}_read`, `${title} Read`];
}

/** Which parents have more items than are embedded, and which more than fit on a page. */
const MANY = { every: 37, at: 5, count: 12 };
const PAGES = { every: 101, at: 7, count: 103 };

/** Nothing, a few, now and then more than ten, and seldom more than a hundred. */
function usualCount(list: string, parent: number): number {
  const hash = mix(hashOf(list), parent);
  if (parent % PAGES.every === PAGES.at) return PAGES.count + (hash % 9);
  if (parent % MANY.every === MANY.at) return MANY.count + (hash % 4);
  return [0, 0, 1, 1, 2, 3][hash % 6] ?? 0;
}

/** The list behind streams that read the same one: the sources of a customer are bank accounts, cards and others. */
export function genericSublist(streams: readonly StreamDefinition[], around: Surroundings): Sublist {
  const [stream] = streams;
  const edge = stream?.parent;
  const parent = edge && around.kindOfPath(edge.stream.path);
  if (!stream || !edge || !parent) throw new Error('a list that belongs to objects has a parent');
  const objects = [...new Set(streams.flatMap(kindsOf))];
  const makers = new Map(objects.map((object) => [object, makerOf(object, { streams, parent, around })]));
  const { query, needs } = queryOf(edge.query ?? {}, stream.path);
  const place = placeAmong(objects, around);
  const name = stream.name;

  const count = (world: World, index: number) => (world.children[name] ?? ((it) => usualCount(name, it)))(index);
  const objectAt = (world: World, index: number, n: number) => place(world, index, count(world, index), n);
  const maker = (object: string) => {
    const found = makers.get(object);
    if (!found) throw new Error(`the list ${name} has no ${object}`);
    return found;
  };
  const refusal = (world: World, index: number) => {
    const fields: unknown = JSON.parse(objectText(world, parent, index, 0));
    const isOut = edge.only !== undefined && valueAt(fields, edge.only.field) !== edge.only.is;
    if (isOut) return `This is not available for this ${parent.object}: ${edge.only?.otherwise}.`;
    const missing = Object.values(needs).find((field) => (valueAt(fields, field) ?? null) === null);
    return missing === undefined ? undefined : `This ${parent.object} has no ${missing}.`;
  };
  return {
    name,
    aliases: streams.slice(1).map((each) => each.name),
    parent: parent.name,
    object: objects,
    path: stream.path,
    ...(query === undefined ? {} : { query }),
    needs,
    ...(stream.paginates === false ? { paginates: false } : {}),
    ...(edge.embeddedIn === undefined ? { permission: permissionOf(objects[0] ?? '') } : {}),
    ...(edge.only === undefined && Object.keys(needs).length === 0 ? {} : { refusal }),
    ...(query === undefined ? {} : { find: (world, id) => maker(objects[0] ?? '').find(world, id) }),
    count,
    idOf: (world, index, n) => maker(objectAt(world, index, n)).idOf(world, index, n),
    write: (world, index, n, indent) =>
      maker(objectAt(world, index, n)).write({ world, index, n, count: count(world, index) }, indent),
  };
}

/** Which parameter carries the parent's id, and which repeat other fields of it. */
function queryOf(query: Readonly<Record<string, string>>, path: string) {
  const own = path.includes('{id}') ? undefined : Object.entries(query).find(([, field]) => field === 'id')?.[0];
  const needs = Object.fromEntries(Object.entries(query).filter(([param]) => param !== own));
  return { query: own, needs };
}

/** The kinds of items in turn; one that has a list of its own stands first with every fourth parent, and only there. */
function placeAmong(objects: readonly string[], { kindOfObject }: Surroundings) {
  const isOwned = (object: string) => objects.length > 1 && kindOfObject(object) !== undefined;
  const owned = objects.filter(isOwned);
  const made = objects.filter((object) => !isOwned(object));
  return (world: World, parent: number, count: number, n: number): string => {
    const object = owned[parent % Math.max(1, owned.length)];
    const kind = object === undefined ? undefined : kindOfObject(object);
    const isThere = kind !== undefined && count > 0 && world.collection(kind.name).base > 0;
    if (object !== undefined && isThere && n === 0 && parent % 4 === 1) return object;
    return made[(parent + n) % made.length] ?? '';
  };
}

interface Item {
  readonly world: World;
  /** The parent's. */
  readonly index: number;
  readonly n: number;
  readonly count: number;
}

/** Makes the items of one kind in a list. */
interface Maker {
  readonly idOf: (world: World, parent: number, n: number) => string;
  readonly find: (world: World, id: string) => { readonly parent: number; readonly n: number } | undefined;
  readonly write: (item: Item, indent: number) => string;
}

interface Making {
  readonly streams: readonly StreamDefinition[];
  readonly parent: Kind;
  readonly around: Surroundings;
}

function makerOf(object: string, making: Making): Maker {
  const kind = making.around.kindOfObject(object);
  return kind && making.streams.flatMap(kindsOf).length > 1 ? borrowed(kind, making.parent) : made(object, making);
}

/** Objects that are in another list, too. */
function borrowed(kind: Kind, parent: Kind): Maker {
  const indexOf = (world: World, index: number) =>
    any(world.row(parent.name, index), kind.name, hashOf(kind.name)) ?? 0;
  return {
    idOf: (world, index) => world.collection(kind.name).ids.encode(indexOf(world, index)),
    find: () => undefined,
    write: ({ world, index }, indent) => objectText(world, kind, indexOf(world, index), indent),
  };
}

function made(object: string, { streams, parent, around }: Making): Maker {
  const [stream] = streams;
  if (!stream) throw new Error('a list has a stream');
  const schema = readSchema(nameOfSchema(object, streams, around.catalog));
  const links = linksOf(schema, stream, parent);
  const fixed = new Map<string, Value>([
    ...common(object, schema, cursorFieldOf(stream)),
    ...Object.keys(links).map((name): [string, Value] => [name, (subject: Subject) => subject.links[name] ?? null]),
    ...inTurn(FACTS[stream.name] ?? {}),
  ]);
  const text: Template<Subject> = plausible({ schema, fixed, idOf: idOf(around) });
  const ids = itemIds(object, stream);
  return {
    idOf: (world, index, n) => ids(world).encode(index, n),
    find: (world, id) => ids(world).decode(id),
    write: (item, indent) => {
      const row = itemRow(item, { object, parent, id: ids(item.world).encode(item.index, item.n) });
      return text({ row, links: valuesOf(links, item, parent) }, indent);
    },
  };
}

/** The schema that has objects of this kind alone, or else that of the list. */
function nameOfSchema(
  object: string,
  streams: readonly StreamDefinition[],
  catalog: readonly StreamDefinition[],
): string {
  const alone = [...streams, ...catalog].find((stream) => stream.object === object);
  return (alone ?? streams[0])?.name ?? '';
}

/** Fields by which an item knows its parent: each with the parent's field. */
function linksOf(
  { properties = {} }: Schema,
  { parent: edge }: StreamDefinition,
  parent: Kind,
): Record<string, string> {
  const noun = parent.object.split('.').at(-1) ?? '';
  const expanded = Object.keys(properties).filter((name) =>
    properties[name]?.['x-expands-to']?.includes(parent.object),
  );
  const byId = [noun, ...expanded].map((name): [string, string] => [name, 'id']);
  const wanted = [...byId, ...Object.entries(edge?.query ?? {})];
  return Object.fromEntries(wanted.filter(([name]) => properties[name] !== undefined));
}

function valuesOf(
  links: Readonly<Record<string, string>>,
  { world, index }: Item,
  parent: Kind,
): Record<string, unknown> {
  const isId = Object.values(links).every((field) => field === 'id');
  const fields: unknown = isId
    ? { id: world.collection(parent.name).ids.encode(index) }
    : JSON.parse(objectText(world, parent, index, 0));
  return Object.fromEntries(Object.entries(links).map(([name, field]) => [name, valueAt(fields, field)]));
}

/** Ids that only the parent makes unique are names. */
function itemIds(object: string, stream: StreamDefinition): (world: World) => ChildIds {
  const { nameOf } = FACTS[stream.name] ?? {};
  const isUnique = primaryKeyOf(stream).join() === 'id' || kindsOf(stream).length > 1;
  if (!isUnique) {
    const encode = (_: number, n: number) => nameOf?.(n) ?? `${object}_${n}`;
    return () => ({ encode, decode: () => undefined });
  }
  const head = (world: World) => prefixOf(object) + letters(mix(world.seed, hashOf(`${stream.name} ${object}`)), 8);
  return (world) => world.once(`ids ${stream.name} ${object}`, () => createChildIds(head(world)));
}

const SECONDS_BETWEEN = 10;
/** Items of different parents differ by chance, as long as none has more. */
const ITEMS = 1021;

/** An item, the newest first, none before its parent. */
function itemRow(
  { world, index, n, count }: Item,
  { object, parent, id }: { readonly object: string; readonly parent: Kind; readonly id: string },
): Row {
  const created = world.collection(parent.name).createdOf(index) + SECONDS_BETWEEN * (count - n);
  const seed = mix(world.seed, hashOf(`${parent.name}>${object}`));
  return new SeededRow({ world, index: index * ITEMS + n, id, created, seed });
}

function valueAt(fields: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], fields);
}
=======
>>>>>>> issue3
