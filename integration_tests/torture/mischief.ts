import { DEFAULT_LAG_SECONDS, type StreamDefinition } from '../../src/streams/definition.js';
import type { Seconds } from '../sandbox/data/timeline.js';
import type { Fault } from '../sandbox/faults.js';
import type { DatedKey } from '../sandbox/inspection.js';
import type { LoggedRequest } from '../sandbox/log.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { ChangePlan, FaultPlan, ListPlan, Scenario, TroubledPlan } from './scenario.js';
import { collectionOf, definitionOf } from './world.js';

/** An object that was removed while an attempt ran. */
export interface Removal {
  readonly list: string;
  readonly id: string;
  readonly created: Seconds;
  /** The rows that there were before, where the object was not there from the start. */
  readonly before: ReadonlyMap<string, readonly DatedKey[]>;
}

interface Scene {
  readonly sandbox: Sandbox;
  readonly scenario: Scenario;
  /** The time in the life, which is not that of the machine. */
  readonly now: () => Seconds;
}

/** What became of an attempt's mischief. */
export interface Done {
  readonly removals: readonly Removal[];
  /** The ids that pages were to start after. */
  readonly startedAfter: ReadonlySet<string>;
}

/** Lets the faults and changes of an attempt happen; returns how to end that. */
export function letHappen(scene: Scene, { faults, changes }: TroubledPlan): () => Done {
  const { sandbox, scenario } = scene;
  const startedAfter = new Set<string>();
  for (const fault of faults) sandbox.fault(faultOf(fault, scenario));
  const removals: Removal[] = [];
  const waiting = new Set(changes);
  let count = 0;
  const stop = sandbox.onRequest((request) => {
    startedAfter.add(request.query['starting_after'] ?? '');
    for (const change of waiting) {
      if (change.at > count || !isMoment(change, scene, request)) continue;
      waiting.delete(change);
      removals.push(...apply(change, scene, request));
    }
    count += 1;
  });
  return () => {
    stop();
    sandbox.clearFaults();
    return { removals, startedAfter };
  };
}

function faultOf({ fault, stream }: FaultPlan, { streams }: Scenario): Fault {
  const name = stream === null ? undefined : streams[stream]?.name;
  const path = name === undefined ? /^/ : pathOf(definitionOf(name));
  return { ...fault, match: (request) => path.test(request.path) && isPossible(fault, request) };
}

/** In API v2 an empty page names the next one by a token of its own: to go on there is right, so it would be no fault. */
function isPossible({ kind }: Fault, { path }: LoggedRequest): boolean {
  return kind !== 'empty' || !path.startsWith('/v2/');
}

/** Paths of a list; of a child's, those under any parent. */
function pathOf({ path }: StreamDefinition): RegExp {
  return new RegExp(`^${path.replace('{id}', '[^/]+')}$`);
}

function isMoment(change: ChangePlan, { scenario }: Scene, { path, query }: LoggedRequest): boolean {
  if (change.kind === 'append' || change.kind === 'remove') return true;
  if (query['starting_after'] === undefined) return false;
  const children = scenario.streams.map((stream) => definitionOf(stream.name)).filter(({ parent }) => parent);
  const isOfChild = children.some(
    (child) => pathOf(child).test(path) && Object.keys(child.parent?.query ?? {}).every((name) => name in query),
  );
  if (change.kind === 'lose_item') return isOfChild;
  return path === definitionOf(listOf(change, scenario).name).path && !isOfChild;
}

function listOf({ list }: ChangePlan, { lists }: Scenario): ListPlan {
  const plan = lists[list];
  if (!plan) throw new Error(`the scenario has no list ${list}`);
  return plan;
}

function apply(change: ChangePlan, scene: Scene, request: LoggedRequest): readonly Removal[] {
  const { sandbox, scenario, now } = scene;
  const plan = listOf(change, scenario);
  const collection = collectionOf(plan);
  if (change.kind === 'append') {
    const lag = definitionOf(plan.name).lagSeconds ?? DEFAULT_LAG_SECONDS;
    sandbox.append(collection, change.count, now() - Math.floor(change.ago * (lag - 1)));
    return [];
  }
  if (change.kind === 'lose_item') {
    sandbox.fault({ kind: 'lost_place', match: (each) => each === request });
    return [];
  }
  const id = change.kind === 'remove' ? idAt(sandbox, collection, change.rank) : request.query['starting_after'];
  return id === undefined || plan.name === 'events' ? [] : remove(scene, collection, id);
}

function idAt(sandbox: Sandbox, collection: string, rank: number): string | undefined {
  const ids = sandbox.ids(collection);
  return ids[Math.floor(rank * (ids.length - 1))];
}

function remove({ sandbox, scenario, now }: Scene, list: string, id: string): readonly Removal[] {
  const own = scenario.streams.filter(({ name }) => {
    const { parent } = definitionOf(name);
    return name === list || parent?.stream.name === list;
  });
  const before = new Map(own.map(({ name }) => [name, sandbox.dated(name)]));
  const found = sandbox.object(list, id);
  const created = found && Math.floor(secondsOf(found['created'] ?? found['date']));
  if (created === undefined) return [];
  sandbox.remove(list, id, { at: now() });
  return [{ list, id, created, before }];
}

function secondsOf(created: unknown): Seconds {
  return typeof created === 'string' ? Date.parse(created) / 1000 : Number(created);
}
