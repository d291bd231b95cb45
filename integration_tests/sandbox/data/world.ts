import { Collection, type Lateness, type Straggler } from './collection.js';
import { createChosenIds, createIds, createNames } from './ids.js';
import type { ChildCounts, Embedding, Placement, Row, Sublist, World } from './model.js';
import { hashOf, letters, mix } from './random.js';
import { SeededRow } from './row.js';
import { createTimeline, type Seconds, type Shape } from './timeline.js';

export interface WorldOptions {
  readonly account: string;
  readonly seed: number;
  readonly now: Seconds;
  readonly historyDays: number;
  readonly rows: (name: string) => number;
  readonly shapeOf: (name: string) => Shape;
  readonly latenessOf: (name: string) => Lateness | undefined;
  readonly stragglersOf: (name: string) => readonly Straggler[];
  /** Ids that a user chose, of the oldest objects of a collection. */
  readonly chosenIdsOf: (name: string) => readonly string[];
  /** By a name of the list. */
  readonly embeddings: Readonly<Record<string, Embedding>>;
  readonly children: ChildCounts;
  /** The version that events are rendered in, whatever a request asks for. */
  readonly eventApiVersion: string;
}

const DAY = 86_400;
/** Nothing is younger than this when the sandbox starts. */
const YOUNGEST = 3600;
const ID_LETTERS = 16;

/** What a world is made of. */
export interface Inventory {
  readonly placements: ReadonlyMap<string, Placement>;
  readonly lists: ReadonlyMap<string, Sublist>;
}

export function createWorld({ placements, lists }: Inventory, options: WorldOptions): World {
  const { account, seed, historyDays, children, eventApiVersion, rows, embeddings } = options;
  let { now } = options;
  const collections = new Map<string, Collection>();
  const seeds = new Map([...placements.keys()].map((name) => [name, mix(seed, hashOf(name))]));
  const computed = new Map<string, unknown>();

  function collection(name: string): Collection {
    const known = collections.get(name);
    if (known) return known;
    const placement = placements.get(name);
    if (!placement) throw new Error(`the sandbox has no collection ${name}`);
    const built = place(placement, world, options);
    collections.set(name, built);
    return built;
  }

  function row(name: string, index: number): Row {
    const { ids } = collection(name);
    const created = collection(name).createdOf(index);
    return new SeededRow({ world, index, id: ids.encode(index), created, seed: seeds.get(name) ?? 0 });
  }

  function list(name: string): Sublist {
    const found = lists.get(name);
    if (!found) throw new Error(`the sandbox has no list ${name}`);
    return found;
  }

  function once<T>(key: string, compute: () => T): T {
    if (!computed.has(key)) computed.set(key, compute());
    return computed.get(key) as T;
  }

  const world: World = {
    account,
    seed,
    start: now - historyDays * DAY,
    children,
    eventApiVersion,
    now: () => now,
    rows,
    advance: (seconds) => {
      now += seconds;
    },
    collection,
    row,
    list,
    embeddingOf: ({ name, aliases = [] }) =>
      [name, ...aliases].map((each) => embeddings[each]).find((each) => each !== undefined),
    once,
  };
  return world;
}

function place(placement: Placement, world: World, options: WorldOptions): Collection {
  const { name, prefix, idsOf, nameOf, idHead = (_: number, text: string) => prefix + text } = placement;
  const salt = letters(mix(world.seed, hashOf(idsOf ?? name)), ID_LETTERS);
  const span = {
    from: world.start,
    to: options.now - YOUNGEST,
    length: options.rows(name),
    seed: mix(world.seed, hashOf(name)),
  };
  const timeline = placement.timeline?.(world) ?? createTimeline(options.shapeOf(name), span);
  const made = nameOf ? createNames(nameOf) : createIds((index) => idHead(index, salt));
  const ids = createChosenIds(made, options.chosenIdsOf(name));
  return new Collection({ timeline, ids, lateness: options.latenessOf(name), stragglers: options.stragglersOf(name) });
}
