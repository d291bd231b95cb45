import { itemsOf } from '../data/items.js';
import type { Sublist, World } from '../data/model.js';
import { type Body, objectText } from '../data/objects.js';
import { write } from '../data/template.js';
import { accountText } from '../kinds/accounts.js';
import type { Kind } from '../kinds/kind.js';
import { ApiError, badParameter, missing, noSuch, unknownParameters, unrecognizedUrl } from './errors.js';
import { expand, parseExpand } from './expand.js';
import { authenticate, type Caller, checkPermission, type Keys, type Needed } from './keys.js';
import { listChildren, listKind, nounOf } from './list.js';
import { isV2, listChildrenV2, listKindV2 } from './list-v2.js';
import { parseQuery, type Query, textOf } from './query.js';
import type { Route } from './routes.js';
import type { Store } from './store.js';

/** The part of a request that decides on the answer. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly route: Route;
  readonly authorization: string | undefined;
  readonly account: string | undefined;
  readonly version: string | undefined;
}

/** Answers with the body of a success, or throws an ApiError. Knows nothing of HTTP beyond that. */
export function createApi(store: Store, keys: Keys): (request: ApiRequest) => Body {
  return (request) => {
    const { method, path, route } = request;
    const caller = authenticate(store, keys, request);
    checkVersion(request.version);
    if (method !== 'GET') throw new ApiError(405, { message: `The sandbox can only be read: ${method} ${path}` });
    return respond(store, caller, route, parseQuery(request.search)) ?? notFound(request);
  };
}

function notFound({ method, path }: ApiRequest): never {
  throw unrecognizedUrl(method, path);
}

function checkVersion(version: string | undefined): void {
  if (version === undefined || /^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/.test(version)) return;
  throw new ApiError(400, { message: `Invalid Stripe API version: ${version}` });
}

function respond(store: Store, caller: Caller, route: Route, query: Query): Body | undefined {
  const { world } = caller;
  switch (route.to) {
    case 'own account':
      checkPermission(caller, undefined);
      return [accountText(world, 0)];
    case 'list': {
      const kind = chosen(route.kinds, query);
      checkPermission(caller, kind);
      return list(store, world, kind, query);
    }
    case 'object': {
      const kind = route.kinds.find(({ name }) => world.collection(name).find(route.id) !== undefined);
      const found = kind ?? chosen(route.kinds, query);
      checkPermission(caller, found);
      return [retrieve(store, world, { kind: found, id: route.id }, query)];
    }
    case 'children':
      checkPermission(caller, permissionForList(store, route.sublist));
      return children(store, world, route, query);
    case 'children by query':
      checkPermission(caller, permissionForList(store, route.sublist));
      return children(store, world, { sublist: route.sublist, id: requiredParent(route.sublist, query) }, query);
    case 'child':
      checkPermission(caller, permissionForList(store, route.sublist));
      return [child(world, route)];
    case 'nothing':
      return undefined;
  }
}

/** The kind that the parameters name, or the one that needs none. */
function chosen(kinds: readonly Kind[], query: Query): Kind {
  const isAsked = ({ when = {} }: Kind) => Object.entries(when).every(([name, value]) => textOf(query, name) === value);
  const named = kinds.find((kind) => kind.when && isAsked(kind));
  const kind = named ?? kinds.find(({ when }) => when === undefined);
  if (kind) return kind;
  const [param = ''] = Object.keys(kinds[0]?.when ?? {});
  throw missing(param);
}

/** A list that is embedded in an object can be read with it; any other list needs a permission of its own. */
function permissionForList(store: Store, { name, parent, permission }: Sublist): Needed {
  return permission === undefined ? store.kind(parent) : { name, permission };
}

/** A collection, or what a parameter narrows it to, when that is a list of its own. */
function list(store: Store, world: World, kind: Kind, query: Query): Body {
  const narrower = store.sublists.find(({ path, query: param }) => path === kind.path && param && query.has(param));
  if (isV2(kind)) return listKindV2(world, kind, query);
  if (!narrower?.query) return listKind(store, world, kind, query);
  return children(store, world, { sublist: narrower, id: textOf(query, narrower.query) ?? '' }, query);
}

interface ListOfParent {
  readonly sublist: Sublist;
  /** The parent's. */
  readonly id: string;
}

function children(store: Store, world: World, { sublist, id }: ListOfParent, query: Query): Body {
  const collection = world.collection(sublist.parent);
  const parent = collection.find(id);
  if (parent === undefined || collection.isRemoved(parent)) {
    const { object } = store.kind(sublist.parent);
    throw noSuch(object, id, sublist.query ?? object, sublist.query === undefined ? 404 : 400);
  }
  const refusal = sublist.refusal?.(world, parent);
  if (refusal !== undefined) throw badParameter(sublist.query ?? sublist.parent, refusal);
  checkNeeds(store, world, { sublist, parent, id }, query);
  if (isV2(sublist)) return listChildrenV2(world, { sublist, parent }, query);
  return listChildren(store, world, { sublist, parent }, query);
}

/** Checks the parameters that have to agree with the parent. */
function checkNeeds(
  store: Store,
  world: World,
  { sublist, parent, id }: ListOfParent & { readonly parent: number },
  query: Query,
): void {
  for (const [param, field] of Object.entries(sublist.needs ?? {})) {
    const value = textOf(query, param);
    if (value === undefined) throw missing(param);
    const fields = JSON.parse(objectText(world, store.kind(sublist.parent), parent, 0)) as Record<string, unknown>;
    if (fields[field] !== value) throw badParameter(param, `This ${param} does not belong to ${id}: ${value}`);
  }
}

function requiredParent({ query: param = '' }: Sublist, query: Query): string {
  const id = textOf(query, param);
  if (id !== undefined) return id;
  throw missing(param);
}

function retrieve(
  store: Store,
  world: World,
  { kind, id }: { readonly kind: Kind; readonly id: string },
  query: Query,
): string {
  const collection = world.collection(kind.name);
  const index = collection.find(id);
  if (index === undefined) throw noSuch(kind.object, id, 'id', 404);
  const strange = [...query.keys()].filter((name) => name !== 'expand');
  if (strange.length > 0) throw unknownParameters(strange);
  const expansion = parseExpand(store, query.get('expand') ?? [], [kind.object], undefined);
  if (collection.isRemoved(index)) {
    if (!kind.leavesTombstone) throw noSuch(kind.object, id, 'id', 404);
    return write({ id, object: kind.object, deleted: true }, 0);
  }
  const text = objectText(world, kind, index, 0);
  if (expansion.size === 0) return text;
  const object: unknown = JSON.parse(text);
  expand(store, world, object, expansion);
  return write(object, 0);
}

function child(world: World, { sublist, id }: ListOfParent): string {
  const place = sublist.find?.(world, id);
  const collection = world.collection(sublist.parent);
  const exists =
    place && itemsOf(sublist, world, place.parent).includes(place.n) && !collection.isRemoved(place.parent);
  if (!exists) throw noSuch(nounOf(sublist), id, 'id', 404);
  return sublist.write(world, place.parent, place.n, 0);
}
