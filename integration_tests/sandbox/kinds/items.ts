import {
  cursorFieldOf,
  kindsOf,
  type Parent,
  primaryKeyOf,
  type StreamDefinition,
  unmet,
} from '../../../src/streams/definition.js';
import { readSchema, type Schema } from '../../../src/streams/schemas.js';
import { type ChildIds, createChildIds } from '../data/ids.js';
import type { Row, Sublist, World } from '../data/model.js';
import { objectText } from '../data/objects.js';
import { plausible, type Subject, type Value } from '../data/plausible.js';
import { hashOf, letters, mix } from '../data/random.js';
import { SeededRow } from '../data/row.js';
import { FACTS } from './facts.js';
import type { Kind } from './kind.js';
import { common, idOf, inTurn, permissionOf, prefixOf, type Surroundings } from './making.js';
import { any } from './relations.js';

/** Which parents have more items than are embedded, and which more than fit on a page. */
const MANY = { every: 37, at: 5, count: 12 };
const PAGES = { every: 101, at: 7, count: 103 };

/** None, a few, now and then more than ten, and rarely more than a hundred. */
function usualCount(list: string, parent: number): number {
  const hash = mix(hashOf(list), parent);
  if (parent % PAGES.every === PAGES.at) return PAGES.count + (hash % 9);
  if (parent % MANY.every === MANY.at) return MANY.count + (hash % 4);
  return [0, 0, 1, 1, 2, 3][hash % 6] ?? 0;
}

/** The one list that several streams read: the sources of a customer are bank accounts, cards and others. */
export function genericSublist(streams: readonly StreamDefinition[], around: Surroundings): Sublist {
  const [stream] = streams;
  const edge = stream?.parent;
  const parent = edge && around.kindOfPath(edge.stream.path);
  if (!stream || !edge || !parent) throw new Error('a list that belongs to objects has a parent');
  const { name, path } = stream;
  const objects = [...new Set(streams.flatMap(kindsOf))];
  const { query, needs } = queryOf(edge.query ?? {}, path);
  const count = countOf(name, edge, parent);
  return {
    name,
    aliases: streams.slice(1).map((each) => each.name),
    parent: parent.name,
    object: objects,
    path,
    needs,
    ...(query === undefined ? {} : { query }),
    ...(stream.paginates === false ? { paginates: false } : {}),
    ...(edge.embeddedIn === undefined ? { permission: permissionOf(objects[0] ?? '') } : {}),
    ...refusalOf(edge, needs, parent),
    count,
    ...itemsOf(objects, { streams, parent, around, count }),
  };
}

/** How many items a parent has: none if it lacks the object that would hold the list. */
function countOf(list: string, { embeddedIn = '', expand }: Parent, parent: Kind): Sublist['count'] {
  const around = expand ? embeddedIn.split('.').slice(0, -1).join('.') : '';
  const hasPlace = (world: World, index: number) =>
    around === '' || (valueAt(JSON.parse(objectText(world, parent, index, 0)), around) ?? null) !== null;
  return (world, index) => {
    const count = world.children[list]?.(index) ?? usualCount(list, index);
    return count > 0 && hasPlace(world, index) ? count : 0;
  };
}

/** Parents that lack the field to ask by, or that the literal leaves out, do not have the list. */
function refusalOf(edge: Parent, needs: Readonly<Record<string, string>>, parent: Kind): Pick<Sublist, 'refusal'> {
  const { only } = edge;
  if (only === undefined && Object.keys(needs).length === 0) return {};
  const refusal = (world: World, index: number) => {
    const fields: unknown = JSON.parse(objectText(world, parent, index, 0));
    const why = only && unmet(only, (path) => valueAt(fields, path));
    if (why !== undefined) return `Not for this ${parent.object}: ${why}.`;
    const missing = Object.values(needs).find((field) => (valueAt(fields, field) ?? null) === null);
    return missing === undefined ? undefined : `This ${parent.object} has no ${missing}.`;
  };
  return { refusal };
}

function itemsOf(objects: readonly string[], making: Making): Pick<Sublist, 'find' | 'idOf' | 'write'> {
  const makers = new Map(objects.map((object) => [object, makerOf(object, making)]));
  const place = placeAmong(objects, making.around);
  const makerAt = (world: World, index: number, n: number) => {
    const maker = makers.get(place(world, index, making.count(world, index), n));
    if (!maker) throw new Error(`the sandbox has no item ${n} of ${making.parent.name} ${index}`);
    return maker;
  };
  return {
    find: (world, id) => {
      for (const maker of makers.values()) {
        const found = maker.find(world, id);
        if (found) return found;
      }
      return undefined;
    },
    idOf: (world, index, n) => makerAt(world, index, n).idOf(world, index, n),
    write: (world, index, n, indent) =>
      makerAt(world, index, n).write({ world, index, n, count: making.count(world, index) }, indent),
  };
}

/** Which parameter carries the parent's id, and which repeat other fields of it. */
function queryOf(query: Readonly<Record<string, string>>, path: string) {
  const own = path.includes('{id}') ? undefined : Object.entries(query).find(([, field]) => field === 'id')?.[0];
  const needs = Object.fromEntries(Object.entries(query).filter(([param]) => param !== own));
  return { query: own, needs };
}

/** The kinds of items in turn; a kind with a list of its own comes first with every fourth parent, and only there. */
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
  readonly count: Sublist['count'];
  readonly streams: readonly StreamDefinition[];
  readonly parent: Kind;
  readonly around: Surroundings;
}

function makerOf(object: string, making: Making): Maker {
  const kind = making.around.kindOfObject(object);
  return kind && making.streams.flatMap(kindsOf).length > 1 ? borrowed(kind, making.parent) : made(object, making);
}

/** Objects that another list has, too. */
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
  const text = plausible({ schema, fixed, idOf: idOf(around) });
  const ids = itemIds(object, stream);
  const rowOf = (item: Item) => itemRow(item, { object, parent, id: ids(item.world).encode(item.index, item.n) });
  return {
    idOf: (world, index, n) => ids(world).encode(index, n),
    find: (world, id) => ids(world).decode(id),
    write: (item, indent) => text({ row: rowOf(item), links: valuesOf(links, item, parent) }, indent),
  };
}

/** The schema for objects of this kind alone, or else that of the list. */
function nameOfSchema(
  object: string,
  streams: readonly StreamDefinition[],
  catalog: readonly StreamDefinition[],
): string {
  const alone = [...streams, ...catalog].find((stream) => stream.object === object);
  return (alone ?? streams[0])?.name ?? '';
}

/** Fields of an item that name its parent, each with the field of the parent. */
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
/** Seeds differ between the items of different parents, as long as no parent has more items. */
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
