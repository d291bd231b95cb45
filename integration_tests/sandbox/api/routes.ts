import type { Sublist } from '../data/model.js';
import type { Kind } from '../kinds/kind.js';

/** What a path requests. `template` is the path with a placeholder for the id, by which Stripe counts requests. */
export type Route =
  | { readonly to: 'own account'; readonly template: string }
  /** If several kinds have one path, parameters choose among them. */
  | { readonly to: 'list'; readonly template: string; readonly kinds: readonly Kind[] }
  | { readonly to: 'object'; readonly template: string; readonly kinds: readonly Kind[]; readonly id: string }
  | { readonly to: 'children'; readonly template: string; readonly sublist: Sublist; readonly id: string }
  | { readonly to: 'children by query'; readonly template: string; readonly sublist: Sublist }
  | { readonly to: 'child'; readonly template: string; readonly sublist: Sublist; readonly id: string }
  | { readonly to: 'nothing'; readonly template: string };

/** Finds what a path leads to. */
export function createRouter(kinds: readonly Kind[], sublists: readonly Sublist[]): (path: string) => Route {
  const lists = new Map(kinds.map(({ path }) => [path, kinds.filter((kind) => kind.path === path)]));
  const children = new Map(sublists.filter((it) => it.query === undefined).map((it) => [it.path, it]));
  const byQuery = new Map(
    sublists.filter((it) => it.query !== undefined && !lists.has(it.path)).map((it) => [it.path, it]),
  );
  return (path) => {
    if (path === '/v1/account') return { to: 'own account', template: path };
    const found = lists.get(path);
    if (found) return { to: 'list', template: path, kinds: found };
    const queried = byQuery.get(path);
    if (queried) return { to: 'children by query', template: path, sublist: queried };
    return below(path, { lists, children, byQuery }) ?? { to: 'nothing', template: path };
  };
}

interface Tables {
  readonly lists: ReadonlyMap<string, readonly Kind[]>;
  readonly children: ReadonlyMap<string, Sublist>;
  readonly byQuery: ReadonlyMap<string, Sublist>;
}

/** Paths with an id in them: at the end, or before the name of a list. */
function below(path: string, { lists, children, byQuery }: Tables): Route | undefined {
  const [, around = '', rawId = '', list] = /^(.*)\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const sublist = children.get(`${around}/{id}/${list}`);
  if (sublist) return { to: 'children', template: sublist.path, sublist, id: decodeURIComponent(rawId) };
  const [, base = '', last = ''] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
  const [template, id] = [`${base}/{id}`, decodeURIComponent(last)];
  const kinds = lists.get(base);
  if (kinds) return { to: 'object', template, kinds, id };
  const child = byQuery.get(base);
  return child && { to: 'child', template, sublist: child, id };
}
