import type { World } from '../data/model.js';
import { embeddedList, objectText } from '../data/objects.js';
import type { Includable, Kind } from '../kinds/kind.js';
import { badParameter } from './errors.js';
import { expandableOf } from './expandable.js';
import type { Store } from './store.js';

type Json = Record<string, unknown>;

const MAX_DEPTH = 4;

/** The fields to expand, as a tree of names. */
export interface Expansion extends ReadonlyMap<string, Expansion> {}

/**
 * Reads `expand` parameters for objects of these kinds; `within` is `data` for a list, because its items are expanded.
 * Refuses fields that cannot be expanded, even if there is no object.
 */
export function parseExpand(
  store: Store,
  paths: readonly string[],
  objects: readonly string[],
  within: 'data' | undefined,
): Expansion {
  const root: MutableExpansion = new Map();
  for (const path of paths) {
    const names = path.split('.');
    if (names.length > MAX_DEPTH) {
      throw badParameter('expand', `You cannot expand more than ${MAX_DEPTH} levels of a property. Property: ${path}`);
    }
    if (within !== undefined && names.shift() !== within) throw cannotExpand(path);
    if (!objects.some((object) => leadsSomewhere(store, object, names))) throw cannotExpand(path);
    let node = root;
    for (const name of names) {
      const child: MutableExpansion = node.get(name) ?? new Map();
      node.set(name, child);
      node = child;
    }
  }
  return root;
}

interface MutableExpansion extends Map<string, MutableExpansion> {}

function cannotExpand(path: string) {
  return badParameter('expand', `This property cannot be expanded (${path}).`);
}

/** Follows a path by what is known of kinds of objects. */
function leadsSomewhere(store: Store, object: string, names: readonly string[]): boolean {
  if (names.length === 0) return true;
  const { ids, whole } = expandableOf(object) ?? NOTHING;
  const all = names.join('.');
  if (whole.has(all) || store.kindOfObject(object)?.includable?.[all] !== undefined) return true;
  return names.some((_, n) => {
    const targets = ids.get(names.slice(0, n + 1).join('.'));
    const rest = names.slice(n + 1);
    return (
      targets !== undefined && (rest.length === 0 || targets.some((target) => leadsSomewhere(store, target, rest)))
    );
  });
}

const NOTHING = { ids: new Map<string, readonly string[]>(), whole: new Set<string>() };

export interface Expanded {
  readonly kind: Kind;
  readonly index: number;
  readonly expansion: Expansion;
  readonly indent: number;
}

/**
 * An expanded object, if the expansion adds only lists of its own: they are written after its fields, because parsing
 * and writing the object again costs four times as much. Undefined if it takes more than that.
 */
export function textWithLists(world: World, { kind, index, expansion, indent }: Expanded): string | undefined {
  const text = objectText(world, kind, index, indent);
  if (expansion.size === 0) return text;
  if (world.collection(kind.name).patchOf(index)) return undefined;
  const end = `\n${' '.repeat(indent)}}`;
  let fields = text.slice(0, -end.length);
  for (const [name, deeper] of expansion) {
    const list = kind.includable?.[name];
    if (typeof list !== 'string' || deeper.size > 0) return undefined;
    fields += `,\n${' '.repeat(indent + 2)}"${name}": ${embeddedList(world.list(list), world, index, indent + 2)}`;
  }
  return fields + end;
}

/** Expands in place. `owner` is the object that the fields of `value` belong to, `path` the way from it to there. */
export function expand(store: Store, world: World, object: unknown, expansion: Expansion): void {
  if (!isJson(object)) return;
  const place: Place = { store, world, owner: object, path: '' };
  expandFields(place, object, expansion);
}

interface Place {
  readonly store: Store;
  readonly world: World;
  readonly owner: Json;
  readonly path: string;
}

function expandFields(place: Place, fields: Json, expansion: Expansion): void {
  for (const [name, deeper] of expansion) {
    const path = place.path === '' ? name : `${place.path}.${name}`;
    include(place, fields, name, path);
    fields[name] = expandValue({ ...place, path }, fields[name], deeper);
    if (fields[name] === undefined) delete fields[name];
  }
}

function expandValue(place: Place, value: unknown, deeper: Expansion): unknown {
  const { store, world, owner, path } = place;
  if (Array.isArray(value)) return value.map((item) => expandValue(place, item, deeper));
  const targets = expandableOf(String(owner['object']))?.ids.get(path);
  if (typeof value === 'string' && targets) {
    const object = store.lookUp(world, value, targets);
    if (object) expand(store, world, object, deeper);
    return object ?? value;
  }
  if (!isJson(value)) return value;
  // An embedded object that no stream reads is described by the schema of the object around it.
  const isKnown = expandableOf(String(value['object'])) !== undefined;
  expandFields(isKnown ? { ...place, owner: value, path: '' } : place, value, deeper);
  return value;
}

/** Adds a field that Stripe leaves out unless asked. */
function include({ store, world, owner }: Place, fields: Json, name: string, path: string): void {
  const kind = store.kindOfObject(String(owner['object']));
  const includable = kind?.includable?.[path];
  if (!kind || includable === undefined || name in fields) return;
  fields[name] = includedValue(store, world, { kind, id: String(owner['id']), includable });
}

interface Included {
  readonly kind: Kind;
  readonly id: string;
  readonly includable: Includable;
}

function includedValue(store: Store, world: World, { kind, id, includable }: Included): unknown {
  const index = world.collection(kind.name).find(id);
  if (index === undefined) return undefined;
  if (typeof includable === 'function') return includable(world.row(kind.name, index));
  return JSON.parse(embeddedList(store.sublist(includable), world, index, 0));
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
