import { hasCreatedFilter, retrievePathOf, type StreamDefinition } from '../../streams/definition.js';
import { expandInList } from '../../streams/expand.js';
import type { StripeObject } from '../../stripe/api.generated.js';
import { StripeError, type StripeErrorKind } from '../../stripe/errors.js';
import { type ListRequest, listRequest, type Page } from '../../stripe/pages.js';
import { fetchPageAfter } from '../../stripe/paging.js';
import type { Access } from '../account/account.js';
import type { Slice } from '../progress/slice.js';
import { retrieve } from '../rows/retrieve.js';

/** A page of a top-level list. */
export interface ListedPage extends Page {
  /** Whether the items lack their expanded fields, because Stripe refused the page with them. */
  readonly isBare: boolean;
}

/** The next page; undefined if the object to start after is gone. */
export async function fetchListedPage(
  access: Access,
  stream: StreamDefinition,
  slice: Slice,
): Promise<ListedPage | undefined> {
  const { client, expansions } = access;
  const fields = expansions.fieldsOf(stream);
  const request = { ...listRequest(stream), ...bounds(stream, slice) };
  try {
    const page = await fetchPageAfter(client, { ...request, params: [...request.params, ...expandInList(fields)] });
    if (page === undefined) return undefined;
    // Another worker may have given up fields while the page was on its way, and all rows must have one shape.
    if (expansions.fieldsOf(stream).length < fields.length) return await fetchListedPage(access, stream, slice);
    expansions.noteAnswered(stream);
    return { ...page, isBare: false };
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    if (fields.length === 0 || error.answer === undefined || !MAY_BE_THE_EXPANSION.includes(error.kind)) throw error;
    return fetchBarePage(access, stream, { slice, request, refusal: error });
  }
}

/** The kinds of refusal that expanded fields may cause. */
const MAY_BE_THE_EXPANSION: readonly StripeErrorKind[] = [
  'permission',
  'request',
  'not_found',
  'no_items',
  'unavailable',
  'uncontrolled',
  'transient',
];

interface Refused {
  readonly slice: Slice;
  readonly request: ListRequest;
  readonly refusal: StripeError;
}

/**
 * The page without expanded fields, which are then asked for row by row. If Stripe has never answered with the fields
 * that only the children of the list need, the whole sync gives these up: the children's own lists have them, too.
 */
async function fetchBarePage(
  access: Access,
  stream: StreamDefinition,
  { slice, request, refusal }: Refused,
): Promise<ListedPage | undefined> {
  const page = await fetchPageAfter(access.client, request);
  if (page === undefined) return undefined;
  const { expansions } = access;
  if (expansions.mayGiveUpChildrenOf(stream) && (await isRefusedForAll(access, stream, page.items))) {
    // Another worker may meanwhile have got an answer with these fields, or given them up.
    if (expansions.giveUpChildrenOf(stream)) await access.say('WARN', childrenReadAlone(stream, refusal));
    if (expansions.areChildrenGivenUp(stream)) return fetchListedPage(access, stream, slice);
  }
  if (retrievePathOf(stream) === undefined) throw refusal;
  return { ...page, isBare: true };
}

function childrenReadAlone({ name }: StreamDefinition, { message }: StripeError): string {
  return `${name}: Stripe refuses to embed child objects in this list, so they are read from their own lists. ${message}`;
}

/** Whether Stripe refuses each of the first several objects with its expanded fields, and not just one of the page. */
async function isRefusedForAll(
  access: Access,
  stream: StreamDefinition,
  items: readonly StripeObject[],
): Promise<boolean> {
  for (const item of items.slice(0, OBJECTS_TO_TRY)) {
    try {
      await retrieve(access, stream, item);
      access.expansions.noteAnswered(stream);
      return false;
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
    }
  }
  return true;
}

const OBJECTS_TO_TRY = 5;

function bounds(stream: StreamDefinition, { gte, lte, after }: Slice): Partial<ListRequest> {
  const filter = hasCreatedFilter(stream)
    ? { ...(gte === undefined ? {} : { gte }), ...(lte === undefined ? {} : { lte }) }
    : {};
  return { ...filter, ...(after === undefined ? {} : { after }) };
}
