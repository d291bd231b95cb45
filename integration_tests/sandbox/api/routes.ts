import type { Kind, Sublist } from '../kinds/kind.js';

/** What a path asks for. `template` is the path with a placeholder for the id: what Stripe counts requests by. */
export type Route =
  | { readonly to: 'own account'; readonly template: string }
  | { readonly to: 'list'; readonly template: string; readonly kind: Kind }
  | { readonly to: 'object'; readonly template: string; readonly kind: Kind; readonly id: string }
  | { readonly to: 'children'; readonly template: string; readonly sublist: Sublist; readonly id: string }
  | { readonly to: 'children by query'; readonly template: string; readonly sublist: Sublist }
  | { readonly to: 'child'; readonly template: string; readonly sublist: Sublist; readonly id: string }
  | { readonly to: 'nothing'; readonly template: string };

/** Finds what a path leads to. */
export function createRouter(kinds: readonly Kind[], sublists: readonly Sublist[]): (path: string) => Route {
  const lists = new Map(kinds.map((kind) => [kind.path, kind]));
  const children = new Map(sublists.filter((it) => it.query === undefined).map((it) => [it.path, it]));
  const byQuery = new Map(
    sublists.filter((it) => it.query !== undefined && !lists.has(it.path)).map((it) => [it.path, it]),
  );
  return (path) => {
    if (path === '/v1/account') return { to: 'own account', template: path };
    const kind = lists.get(path);
    if (kind) return { to: 'list', template: path, kind };
    const queried = byQuery.get(path);
    if (queried) return { to: 'children by query', template: path, sublist: queried };
    return below(path, { lists, children, byQuery });
  };
}

interface Tables {
  readonly lists: ReadonlyMap<string, Kind>;
  readonly children: ReadonlyMap<string, Sublist>;
  readonly byQuery: ReadonlyMap<string, Sublist>;
}

/** Paths with an id in them. */
function below(path: string, { lists, children, byQuery }: Tables): Route {
  const [, root, resource, rawId, sub] = path.split('/');
  const base = `/${root}/${resource}`;
  const template = `${base}/{id}${sub === undefined ? '' : `/${sub}`}`;
  if (!rawId || path.split('/').length > 5) return { to: 'nothing', template: path };
  const id = decodeURIComponent(rawId);
  const sublist = sub === undefined ? undefined : children.get(template);
  if (sublist) return { to: 'children', template, sublist, id };
  const kind = sub === undefined ? lists.get(base) : undefined;
  if (kind) return { to: 'object', template, kind, id };
  const child = sub === undefined ? byQuery.get(base) : undefined;
  return child ? { to: 'child', template, sublist: child, id } : { to: 'nothing', template: path };
}
