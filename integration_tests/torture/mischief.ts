import { DEFAULT_LAG_SECONDS, type StreamDefinition } from '../../src/streams/definition.js';
import { EMBEDDED_ITEMS } from '../sandbox/data/items.js';
import type { Seconds } from '../sandbox/data/timeline.js';
import type { Fault } from '../sandbox/faults.js';
import type { DatedKey } from '../sandbox/inspection.js';
import type { LoggedRequest } from '../sandbox/log.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import { embeddedListNames } from './items.js';
import type { AccountView, ChangePlan, FaultPlan, ListPlan, Scenario, Target, TroubledPlan } from './scenario.js';
import type { States } from './stored.js';
import { collectionOf, definitionOf, listsOf, rootOf } from './world.js';

/** An object that was removed while an attempt ran. */
export interface Removal {
  readonly list: string;
  readonly id: string;
  readonly created: Seconds;
  /** The rows that existed before, because the object may have been added later. */
  readonly before: ReadonlyMap<string, readonly DatedKey[]>;
}

/** An item of a parent's list that was removed while an attempt ran. */
export interface RemovedItem {
  readonly list: string;
  readonly parent: string;
  readonly id: string;
}

/** An object whose lists or expansion were refused, while the rest of its list was not. */
export interface Refused {
  readonly list: string;
  readonly id: string;
  readonly created: Seconds;
}

interface Scene {
  readonly sandbox: Sandbox;
  readonly scenario: Scenario;
  /** What the attempt continues from. */
  readonly states: States;
  /** The time in the life, which is not that of the machine. */
  readonly now: () => Seconds;
}

/** What happened during an attempt. */
export interface Done {
  readonly removals: readonly Removal[];
  /** The ids that pages were to start after. */
  readonly startedAfter: ReadonlySet<string>;
  readonly removedItems: readonly RemovedItem[];
  readonly refused: readonly Refused[];
  /** What the key could know of its account. */
  readonly account: AccountView;
}

/** Lets the faults and changes of an attempt happen; returns a function that ends this. */
export function letHappen(scene: Scene, plan: TroubledPlan): () => Done {
  const { sandbox } = scene;
  const refused = new Map<string, Refused>();
  const account = plan.account === 'other' && !allHaveAccount(scene) ? 'unnamed' : plan.account;
  if (account !== 'seen') sandbox.fault(hiddenAccount(sandbox, account));
  for (const fault of plan.faults) sandbox.fault(faultOf(fault, scene, (each) => void refused.set(each.id, each)));
  const startedAfter = new Set<string>();
  const changes = createChanges(scene, plan.changes);
  const stop = sandbox.onRequest((request) => {
    startedAfter.add(request.query['starting_after'] ?? '');
    changes.before(request);
  });
  const before = sandbox.requests().length;
  return () => {
    stop();
    sandbox.clearFaults();
    for (const each of refusedParents(scene, sandbox.requests().slice(before))) refused.set(each.id, each);
    const { removals, removedItems } = changes;
    return { removals, startedAfter, removedItems, refused: [...refused.values()], account };
  };
}

interface Changes {
  /** Makes the changes whose moment it is before this request is answered. */
  readonly before: (request: LoggedRequest) => void;
  readonly removals: readonly Removal[];
  readonly removedItems: readonly RemovedItem[];
}

function createChanges(scene: Scene, plans: readonly ChangePlan[]): Changes {
  const { lists } = scene.scenario;
  const removals: Removal[] = [];
  const removedItems: RemovedItem[] = [];
  /** The lists of single parents that were requested before. */
  const known = new Set<string>();
  const waiting = new Set(plans);
  let requests = 0;

  /** Removes an item of the list that is requested for the first time; false when it is not the moment for that. */
  function removeFirstItem(list: string, request: LoggedRequest): boolean {
    const asked = listAskedFor(list, request);
    const item = asked && !known.has(keyOfList(asked)) ? removeItem(scene, asked) : undefined;
    if (item) removedItems.push(item);
    return item !== undefined;
  }

  function make(change: ChangePlan, request: LoggedRequest): void {
    if (change.at > requests || !isMoment(change, scene, request)) return;
    if (change.kind === 'remove_item' && !removeFirstItem(listOf(change, scene.scenario).name, request)) return;
    waiting.delete(change);
    removals.push(...apply(change, scene, request));
  }

  function before(request: LoggedRequest): void {
    for (const change of waiting) make(change, request);
    requests += 1;
    const asked = lists.flatMap(({ name }) => listAskedFor(name, request) ?? []);
    for (const each of asked) known.add(keyOfList(each));
  }

  return { before, removals, removedItems };
}

/** The parents whose lists, of children or of embedded items, were refused by a fault, whatever its target was. */
function refusedParents({ sandbox, scenario }: Scene, requests: readonly LoggedRequest[]): readonly Refused[] {
  const failed = requests.filter(({ fault, status }) => fault !== undefined && (status === undefined || status >= 400));
  return scenario.lists.flatMap(({ name }) => {
    const paths = [...listsOf(name), ...scenario.streams.flatMap((stream) => childOf(stream.name, name))];
    const parents = failed.flatMap((request) => paths.flatMap((list) => parentIn(list, request) ?? []));
    return [...new Set(parents)].flatMap((id) => {
      const created = createdOf(sandbox.object(name, id));
      return created === undefined ? [] : [{ list: name, id, created }];
    });
  });
}

interface ListPath {
  readonly path: string;
  readonly query?: string | undefined;
}

/** Where a stream reads the children of a list, if it does. */
function childOf(stream: string, list: string): readonly ListPath[] {
  const { path, parent } = definitionOf(stream);
  if (parent?.stream.name !== list) return [];
  const query = Object.entries(parent.query ?? {}).find(([, field]) => field === 'id')?.[0];
  return [{ path, query }];
}

/** The object whose list is requested. */
function parentIn({ path, query }: ListPath, request: LoggedRequest): string | undefined {
  const found = new RegExp(`^${path.replace('{id}', '([^/]+)')}$`).exec(request.path);
  const parent = query === undefined ? found?.[1] : found && request.query[query];
  return parent ? decodeURIComponent(parent) : undefined;
}

function faultOf({ fault, stream, target }: FaultPlan, scene: Scene, note: (refused: Refused) => void): Fault {
  const name = stream === null ? undefined : scene.scenario.streams[stream]?.name;
  const isTarget = name === undefined ? () => true : targetOf(definitionOf(name), target, { scene, note });
  return { ...fault, match: (request) => isTarget(request) && isPossible(fault, request) };
}

type IsTarget = (request: LoggedRequest) => boolean;

interface Noted {
  readonly scene: Scene;
  readonly note: (refused: Refused) => void;
}

function targetOf(definition: StreamDefinition, target: Target, { scene, note }: Noted): IsTarget {
  const { sandbox } = scene;
  if (target.kind === 'list') return ({ path }) => pathOf(definition).test(path);
  const root = rootOf(definition);
  const isExpanded: IsTarget = ({ params }) => params.some(([name]) => name.startsWith('expand'));
  if (target.kind === 'expanded pages') return (request) => request.path === root.path && isExpanded(request);
  const id = idAt(sandbox, root.name, target.rank);
  if (id === undefined) return () => false;
  const refused = { list: root.name, id, created: createdOf(sandbox.object(root.name, id)) ?? 0 };
  const own = `${root.path}/${encodeURIComponent(id)}`;
  const isObject: IsTarget = (request) => request.path === own && isExpanded(request);
  const isHit = target.kind === 'expanded object' ? isObject : isOfListsOf(root.name, id);
  return (request) => {
    if (!isHit(request)) return false;
    note(refused);
    return true;
  };
}

/** Whether one of the lists of an object is requested. */
function isOfListsOf(list: string, id: string): IsTarget {
  const lists = listsOf(list).map(({ path, query }) => ({ path: path.replace('{id}', encodeURIComponent(id)), query }));
  return (request) =>
    lists.some(({ path, query }) => path === request.path && (query === undefined || request.query[query] === id));
}

interface ListOfParent {
  readonly list: string;
  readonly parent: string;
}

function keyOfList({ list, parent }: ListOfParent): string {
  return `${list} ${parent}`;
}

/** The embedded list of one object that is requested. */
function listAskedFor(name: string, request: LoggedRequest): ListOfParent | undefined {
  const embedded = embeddedListNames(name);
  for (const list of listsOf(name)) {
    if (!embedded.includes(list.name)) continue;
    const parent = parentIn(list, request);
    if (parent) return { list: list.name, parent };
  }
  return undefined;
}

/** Removes the first embedded item, if there are more items than are embedded. */
function removeItem({ sandbox, scenario }: Scene, { list, parent }: ListOfParent): RemovedItem | undefined {
  const ids = sandbox.children(list, parent).map(({ id }) => String(id));
  const isReversed = scenario.lists.some(({ name, embedded }) => isListIn(list, name) && embedded.items === 'last');
  const id = isReversed ? ids.at(-1) : ids[0];
  if (id === undefined || ids.length <= EMBEDDED_ITEMS) return undefined;
  sandbox.removeItem(list, parent, id);
  return { list, parent, id };
}

function isListIn(list: string, name: string): boolean {
  return listsOf(name).some((each) => each.name === list);
}

/** Stripe's wordings for a key that may not see its account; the first was seen in 2025. */
function hiddenAccount({ account }: Sandbox, view: Exclude<AccountView, 'seen'>): Fault {
  const named = view === 'other' ? `acct_1Other${account.slice(-8)}` : account;
  const where = view === 'unnamed' ? '' : ` on account '${named}'`;
  const message = `The provided key 'rk_test_****' does not have the required permissions for this endpoint${where}.`;
  return { kind: 'status', status: 403, message, match: '/v1/account', times: Number.POSITIVE_INFINITY };
}

/** Whether a state that belongs to another account is known to do so, for every stream. */
function allHaveAccount({ scenario: { streams }, states }: Scene): boolean {
  const stored = [...states.values()].map(({ stream }) => stream.stream_state);
  return stored.length === streams.length && stored.every((state) => 'account' in state);
}

/**
 * In API v2 an empty page names the next one by a token of its own. Continuing there is right, so it would not be a
 * fault.
 */
function isPossible({ kind }: Fault, { path }: LoggedRequest): boolean {
  // That refusal names an account, which need not be the sandbox's.
  if (kind === 'no_permission' && path === '/v1/account') return false;
  return kind !== 'empty' || !path.startsWith('/v2/');
}

/** Paths of a list; of a child's, those under any parent. */
function pathOf({ path }: StreamDefinition): RegExp {
  return new RegExp(`^${path.replace('{id}', '[^/]+')}$`);
}

function isMoment(change: ChangePlan, { scenario }: Scene, { path, query }: LoggedRequest): boolean {
  if (change.kind === 'append' || change.kind === 'remove' || change.kind === 'remove_item') return true;
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
  if (change.kind === 'remove_item') return [];
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
  const created = createdOf(sandbox.object(list, id));
  if (created === undefined) return [];
  sandbox.remove(list, id, { at: now() });
  return [{ list, id, created, before }];
}

function createdOf(object: Readonly<Record<string, unknown>> | undefined): Seconds | undefined {
  return object && Math.floor(secondsOf(object['created'] ?? object['date']));
}

function secondsOf(created: unknown): Seconds {
  return typeof created === 'string' ? Date.parse(created) / 1000 : Number(created);
}
