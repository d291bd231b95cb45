import type { StreamDefinition } from '../../streams/definition.js';
import { expandInList } from '../../streams/expand.js';
import { embeddedList, type ListRequest, listRequest } from '../../stripe/pages.js';
import { type Items, listItems } from '../../stripe/paging.js';
import type { Access } from '../account/account.js';
import { fillPath, fillQuery } from './paths.js';
import { type Row, valueAt } from './rows.js';

/** A parent, and the child to go on after. */
export interface Start {
  readonly parent: Row;
  readonly after: string | undefined;
}

/**
 * The items of a child stream under one parent. If the parent embeds all of them, they cost no request. Otherwise they
 * come from the child's own endpoint, from the top or after `after`. An embedded list may have another order, so none
 * of its items is a place in the endpoint's list. Throws a StripeError, `not_found` if Stripe does not find the list.
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

/**
 * Whether the parent lacks the object that would hold the list (`amount_details` of a payment intent), or a field that
 * the list's query needs.
 */
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
