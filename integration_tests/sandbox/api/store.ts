import type { Sublist, World } from '../data/model.js';
import { objectText } from '../data/objects.js';
import { mix } from '../data/random.js';
import type { Seconds } from '../data/timeline.js';
import { createWorld, type WorldOptions } from '../data/world.js';
import type { Kind } from '../kinds/kind.js';

/** All kinds of objects, and the accounts that have some. */
export interface Store {
  readonly kinds: readonly Kind[];
  readonly sublists: readonly Sublist[];
  readonly kind: (name: string) => Kind;
  readonly kindOfObject: (object: string) => Kind | undefined;
  readonly sublist: (name: string) => Sublist;
  /** The account that the keys belong to. */
  readonly platform: World;
  /** The data of a connected account; undefined when there is no such account. */
  readonly connected: (account: string) => World | undefined;
  /** The object with an id, if it is of one of these kinds of objects. */
  readonly lookUp: (world: World, id: string, objects: readonly string[]) => Record<string, unknown> | undefined;
  readonly advance: (seconds: Seconds) => void;
}

export interface StoreOptions extends WorldOptions {
  /** Rows of each connected account. */
  readonly connectedRows: (name: string) => number;
}

export function createStore(kinds: readonly Kind[], sublists: readonly Sublist[], options: StoreOptions): Store {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const byObject = new Map(kinds.toReversed().map((kind) => [kind.object, kind]));
  const listsByName = new Map(
    sublists.flatMap((list) => [list.name, ...(list.aliases ?? [])].map((name) => [name, list] as const)),
  );
  const inventory = { placements: byName, lists: listsByName };
  const platform = createWorld(inventory, options);
  const worlds = new Map<string, World>();

  function connected(account: string): World | undefined {
    const accounts = platform.collection('accounts');
    const index = accounts.find(account);
    if (index === undefined || accounts.isRemoved(index)) return undefined;
    const known = worlds.get(account);
    if (known) return known;
    const world = createWorld(inventory, {
      ...options,
      account,
      seed: mix(options.seed, index + 1),
      now: platform.now(),
      rows: options.connectedRows,
    });
    worlds.set(account, world);
    return world;
  }

  function kind(name: string): Kind {
    const found = byName.get(name);
    if (!found) throw new Error(`the sandbox has no collection ${name}; it has ${[...byName.keys()].join(', ')}`);
    return found;
  }

  function lookUp(world: World, id: string, objects: readonly string[]): Record<string, unknown> | undefined {
    for (const candidate of kinds) {
      if (!objects.includes(candidate.object)) continue;
      const index = world.collection(candidate.name).find(id);
      if (index !== undefined) return JSON.parse(objectText(world, candidate, index, 0));
    }
    return undefined;
  }

  return {
    kinds,
    sublists,
    kind,
    kindOfObject: (object) => byObject.get(object),
    sublist: platform.list,
    platform,
    connected,
    lookUp,
    advance: (seconds) => {
      for (const world of [platform, ...worlds.values()]) world.advance(seconds);
    },
  };
}
