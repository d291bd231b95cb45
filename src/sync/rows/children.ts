import type { StreamDefinition } from '../../streams/definition.js';
import { expandInList } from '../../streams/expand.js';
import { embeddedList, type ListRequest, listRequest } from '../../stripe/pages.js';
import { type Items, listItems } from '../../stripe/paging.js';
import type { Access } from '../account/account.js';
import { fillPath, fillQuery } from './paths.js';
import { type Row, valueAt } from './rows.js';

/** A parent, and the child behind which to go on. */
export interface Start {
  readonly parent: Row;
  readonly after: string | undefined;
}

/**
 * The items of a child under one parent: those that the parent embeds, where these are all, because they cost nothing; else the
 * list of its own endpoint, from its top or from behind `after`. An embedded list may be in another order, so that its items
 * are no places in that list. Throws a StripeError: `not_found` when Stripe does not find the list.
 */
export async function* childItems(
  access: Access,
  child: StreamDefinition,
  { parent, after }: Start,
): AsyncGenerator<Items, void, void> {
  const field = access.expansions.isEmbedded(child) ? child.parent?.embeddedIn : undefined;
  if (hasNoList(child, parent, field)) return;
  const embedded = field === undefined || after !== undefined ? undefined : embeddedList(valueAt(parent, field));
  if (embedded?.hasMore === false) return yield { items: embedded.items, next: undefined, isTop: true };
  yield* listItems(access.client, childRequest(access, child, parent), after);
}

/** A parent may lack what would hold the list (a payment intent its `amount_details`), or what the list is asked by. */
function hasNoList({ parent: edge }: StreamDefinition, parent: Row, field: string | undefined): boolean {
  const around = field?.split('.').slice(0, -1) ?? [];
  const needed = [...(around.length > 0 ? [around.join('.')] : []), ...Object.values(edge?.query ?? {})];
  return needed.some((path) => (valueAt(parent, path) ?? null) === null);
}

function childRequest({ expansions }: Access, child: StreamDefinition, parent: Row): ListRequest {
  const { params, ...list } = listRequest(child);
  const expand = expandInList(expansions.fieldsOf(child));
  const query = fillQuery(child.parent?.query, parent);
  return { ...list, path: fillPath(child.path, parent), params: [...params, ...expand, ...query] };
}
