import type { Kind } from '../kinds/kind.js';
import { EMBEDDED_ITEMS, itemsOf } from './items.js';
import type { Sublist, World } from './model.js';
import { write } from './template.js';

/** An object as it is now, changes included. */
export function objectText(world: World, kind: Kind, index: number, indent: number): string {
  const text = kind.write(world.row(kind.name, index), indent);
  const patch = world.collection(kind.name).patchOf(index);
  return patch ? write({ ...JSON.parse(text), ...patch }, indent) : text;
}

export interface ListText {
  /** Written for the column that is four to the right of `indent`. */
  readonly items: readonly string[];
  readonly hasMore: boolean;
  readonly url: string;
}

/** A body in pieces, so that a page need not become one large text before it is sent. */
export type Body = readonly string[];

/** A Stripe list as an answer. */
export function listBody({ items, hasMore, url }: ListText, indent = 0): Body {
  const pad = ' '.repeat(indent);
  const isEmpty = items.length === 0;
  const data = items.map((item, n) => (n === 0 ? `\n${pad}    ` : `,\n${pad}    `) + item);
  const end = isEmpty ? ']' : `\n${pad}  ]`;
  return [
    `{\n${pad}  "object": "list",\n${pad}  "data": [`,
    ...data,
    `${end},\n${pad}  "has_more": ${hasMore},\n${pad}  "url": ${JSON.stringify(url)}\n${pad}}`,
  ];
}

/** A list of API v2 as an answer. */
export function listBodyV2(list: { readonly items: readonly string[]; readonly nextPageUrl: string | null }): Body {
  const { items, nextPageUrl } = list;
  const data = items.map((item, n) => (n === 0 ? '\n    ' : ',\n    ') + item);
  const end = items.length === 0 ? ']' : '\n  ]';
  const next = JSON.stringify(nextPageUrl);
  return ['{\n  "data": [', ...data, `${end},\n  "next_page_url": ${next},\n  "previous_page_url": null\n}`];
}

/** A Stripe list that is embedded in an object. */
export function listText(list: ListText, indent: number): string {
  return listBody(list, indent).join('');
}

/** The list as it is embedded in its parent. */
export function embeddedList(sublist: Sublist, world: World, parent: number, indent: number): string {
  const { items: which = 'first', url } = world.embeddingOf(sublist) ?? {};
  const all = itemsOf(sublist, world, parent);
  const shown = (which === 'last' ? all.toReversed() : all).slice(0, EMBEDDED_ITEMS);
  const hasMore = all.length > shown.length;
  const write = which === 'stale' && hasMore ? staleText : sublist.write;
  const items = shown.map((n) => write.call(sublist, world, parent, n, indent + 4));
  const id = world.collection(sublist.parent).ids.encode(parent);
  return listText({ items, hasMore, url: url?.(id) ?? urlOf(sublist, world, parent) }, indent);
}

/** An item that existed once, in place of the one that exists now. */
function staleText(this: Sublist, world: World, parent: number, n: number, indent: number): string {
  const item = JSON.parse(this.write(world, parent, n, 0)) as Record<string, unknown>;
  return write({ ...item, id: `${item['id']}_was` }, indent);
}

/** The endpoint of a whole list. */
export function urlOf(sublist: Sublist, world: World, parent: number): string {
  const id = world.collection(sublist.parent).ids.encode(parent);
  return sublist.query === undefined ? sublist.path.replace('{id}', id) : `${sublist.path}?${sublist.query}=${id}`;
}
