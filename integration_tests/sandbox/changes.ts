import type { Store } from './api/store.js';
import { removeItem } from './data/items.js';
import type { World } from './data/model.js';
import { objectText } from './data/objects.js';
import { write } from './data/template.js';
import type { Seconds } from './data/timeline.js';
import { addedEvents, type Happening } from './kinds/events.js';
import type { Kind } from './kinds/kind.js';

/** A change of one object. */
export interface Change {
  readonly fields: Readonly<Record<string, unknown>>;
  /** When the event says that it happened. Default: now. */
  readonly at?: Seconds;
  /** Type of the event. Default: the usual `….updated` of the kind. */
  readonly type?: string;
  /** `false` for a change that Stripe has no event for. */
  readonly event?: false;
  /** Makes the event, but leaves the object as it is: Stripe may show changes late. */
  readonly eventOnly?: true;
  readonly account?: string;
}

/** When a change happens, and in which account: the id of a connected one. */
export interface Occasion {
  readonly at?: Seconds;
  readonly account?: string;
  /** `false` leaves out the event. */
  readonly event?: false;
}

/** Changes to the data while the sandbox runs. */
export interface Changes {
  /** Adds objects, created at `at` (default: now); returns their ids. Their events come with them. */
  readonly append: (collection: string, count: number, when?: Seconds | Occasion) => readonly string[];
  /** Removes an object from all lists. Makes the event of its deletion if Stripe has one. */
  readonly remove: (collection: string, id: string, when?: Occasion) => void;
  /** Removes an item from the list of an object, without an event. */
  readonly removeItem: (list: string, parent: string, id: string, account?: string) => void;
  /** Brings a removed object back, without an event. */
  readonly restore: (collection: string, id: string, account?: string) => void;
  /** Changes fields of an object. Makes the event if Stripe has one. */
  readonly update: (collection: string, id: string, change: Change) => void;
  /** Moves `now`, so that older events leave their list. */
  readonly advance: (seconds: Seconds) => void;
}

export function createChanges(store: Store): Changes {
  return {
    append: (name, count, when = {}) => append(store, name, count, typeof when === 'number' ? { at: when } : when),
    remove: (name, id, when = {}) => remove(locate(store, name, id, when.account), when),
    removeItem: (list, parent, id, account) => {
      const sublist = store.sublist(list);
      const { world, index } = locate(store, sublist.parent, parent, account);
      if (!removeItem(sublist, world, { parent: index, id })) throw new Error(`the sandbox has no ${id} in ${list}`);
    },
    restore: (name, id, account) => {
      const { world, index } = locate(store, name, id, account);
      world.collection(name).restore(index);
    },
    update: (name, id, change) => update(locate(store, name, id, change.account), change),
    advance: store.advance,
  };
}

/** The data of an account; by default, of the sandbox's own. */
export function worldOf(store: Store, account: string | undefined): World {
  const world = account === undefined || account === store.platform.account ? store.platform : store.connected(account);
  if (!world) throw new Error(`the sandbox has no account ${account}`);
  return world;
}

interface Located {
  readonly world: World;
  readonly kind: Kind;
  readonly index: number;
}

function locate(store: Store, name: string, id: string, account: string | undefined): Located {
  const world = worldOf(store, account);
  const index = world.collection(name).find(id);
  if (index === undefined) throw new Error(`the sandbox has no ${id} in ${name}`);
  return { world, kind: store.kind(name), index };
}

function append(store: Store, name: string, count: number, when: Occasion): readonly string[] {
  const world = worldOf(store, when.account);
  const kind = store.kind(name);
  const collection = world.collection(name);
  const at = when.at ?? world.now();
  const indices = collection.append(count, at);
  for (const index of indices) {
    const row = world.row(name, index);
    const type = kind.events?.created?.(row);
    if (type === undefined || when.event === false) continue;
    addEvent(world, at, { type, object: (indent) => kind.write(row, indent) });
  }
  return indices.map(collection.ids.encode);
}

function remove({ world, kind, index }: Located, when: Occasion): void {
  const type = kind.events?.deleted;
  const text = objectText(world, kind, index, 0);
  world.collection(kind.name).remove(index);
  if (type === undefined || when.event === false) return;
  addEvent(world, when.at ?? world.now(), { type, object: snapshot(text) });
}

function update({ world, kind, index }: Located, change: Change): void {
  const collection = world.collection(kind.name);
  const before = JSON.parse(objectText(world, kind, index, 0)) as Record<string, unknown>;
  if (!change.eventOnly) collection.patch(index, change.fields);
  const type = change.type ?? kind.events?.updated;
  if (type === undefined || change.event === false) return;
  const after = { ...before, ...change.fields };
  const previous = Object.fromEntries(Object.keys(change.fields).map((name) => [name, before[name] ?? null]));
  addEvent(world, change.at ?? world.now(), {
    type,
    object: snapshot(JSON.stringify(after)),
    ...(type.endsWith('.updated') ? { previous } : {}),
  });
}

/** An object as it is now, whatever happens to it later. */
function snapshot(text: string): Happening['object'] {
  return (indent) => write(JSON.parse(text), indent);
}

function addEvent(world: World, at: Seconds, happening: Happening): void {
  for (const index of world.collection('events').append(1, at)) addedEvents(world).set(index, happening);
}
