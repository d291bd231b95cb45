import { type Body, objectText } from '../data/objects.js';
import { write } from '../data/template.js';
import type { World } from '../data/world.js';
import { accountText } from '../kinds/accounts.js';
import type { Kind, Sublist } from '../kinds/kind.js';
import { ApiError, badParameter, noSuch, unknownParameters, unrecognizedUrl } from './errors.js';
import { expand, parseExpand } from './expand.js';
import { authenticate, type Caller, checkPermission, type Keys } from './keys.js';
import { listChildren, listKind } from './list.js';
import { parseQuery, type Query, textOf } from './query.js';
import type { Route } from './routes.js';
import type { Store } from './store.js';

/** A request, as far as it decides on the answer. */
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
    case 'list':
      checkPermission(caller, route.kind);
      return list(store, world, route.kind, query);
    case 'object':
      checkPermission(caller, route.kind);
      return [retrieve(store, world, route, query)];
    case 'children':
      checkPermission(caller, store.kind(route.sublist.parent));
      return children(store, world, route, query);
    case 'children by query':
      checkPermission(caller, store.kind(route.sublist.parent));
      return children(store, world, { sublist: route.sublist, id: requiredParent(route.sublist, query) }, query);
    case 'child':
      checkPermission(caller, store.kind(route.sublist.parent));
      return [child(world, route)];
    case 'nothing':
      return undefined;
  }
}

/** A collection, or what a parameter narrows it to, when that is a list of its own. */
function list(store: Store, world: World, kind: Kind, query: Query): Body {
  const narrower = store.sublists.find(({ path, query: param }) => path === kind.path && param && query.has(param));
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
  return listChildren(store, world, { sublist, parent }, query);
}

function requiredParent({ query: param = '' }: Sublist, query: Query): string {
  const id = textOf(query, param);
  if (id !== undefined) return id;
  throw badParameter(param, `Missing required param: ${param}.`, 'parameter_missing');
}

function retrieve(
  store: Store,
  world: World,
  { kind, id }: { readonly kind: Kind; readonly id: string },
  query: Query,
): string {
  const strange = [...query.keys()].filter((name) => name !== 'expand');
  if (strange.length > 0) throw unknownParameters(strange);
  const expansion = parseExpand(store, query.get('expand') ?? [], kind.object, undefined);
  const collection = world.collection(kind.name);
  const index = collection.find(id);
  if (index === undefined) throw noSuch(kind.object, id, 'id', 404);
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
  const exists = place && place.n < sublist.count(world, place.parent) && !collection.isRemoved(place.parent);
  if (!exists) throw noSuch(sublist.object, id, 'id', 404);
  return sublist.write(world, place.parent, place.n, 0);
}
