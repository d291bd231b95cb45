import type { StreamDefinition } from '../streams/definition.js';
import { expandedFields, expandInList } from '../streams/expand.js';
import type { StripeObject } from '../stripe/api.generated.js';
import type { Client, Params, Request } from '../stripe/client.js';
import { StripeError, type StripeErrorKind } from '../stripe/errors.js';
import { fetchPage } from '../stripe/pages.js';
import { idOf, valueAt } from '../sync/rows/rows.js';
import { ofOne, refusalOf } from './refusal.js';

/** What came of trying the fields that the user wants expanded in a stream. */
export type Finding =
  | { readonly kind: 'works' }
  /** The list answers without these fields, and refuses with them. */
  | { readonly kind: 'refused'; readonly fields: readonly string[]; readonly refusal: StripeError }
  /** The list does not answer without them either. */
  | { readonly kind: 'unreadable'; readonly refusal: StripeError }
  | { readonly kind: 'untried'; readonly why: string };

/** Refusals that concern the one parent that was asked, not the stream. */
const OF_ONE_PARENT: readonly StripeErrorKind[] = ['not_found', 'uncontrolled', 'no_items'];

/**
 * Tries to expand fields in a list, with as few requests as it takes to tell which of them is at fault: one if all is
 * well. A child is tried under the first of its parents that can have items.
 */
export async function probeExpand(
  client: Client,
  stream: StreamDefinition,
  fields: readonly string[],
): Promise<Finding> {
  const address = await addressOf(client, stream);
  if ('kind' in address) return address;
  const refusalWith = (some: readonly string[]) => refusalOf(client, requestOf(stream, address, some));
  const refusal = await refusalWith(fields);
  if (!refusal) return { kind: 'works' };
  const plain = await refusalWith([]);
  if (plain && OF_ONE_PARENT.includes(plain.kind)) return { kind: 'untried', why: plain.message };
  if (plain) return { kind: 'unreadable', refusal: plain };
  if (fields.length === 1) return { kind: 'refused', fields, refusal };
  const alone = await Promise.all(fields.map(async (field) => ({ field, refusal: await refusalWith([field]) })));
  const faulty = alone.flatMap(({ field, refusal }) => (refusal ? [{ field, refusal }] : []));
  const [first] = faulty;
  return {
    kind: 'refused',
    fields: first ? faulty.map(({ field }) => field) : fields,
    refusal: first?.refusal ?? refusal,
  };
}

/** The address of a list: its path, and the parameters that say whose list it is. */
interface Address {
  readonly path: string;
  readonly query: Params;
}

/** A request for the first object of a list, with the parameters that a sync sends. */
export function requestOf(
  stream: StreamDefinition,
  { path, query }: Address = { path: stream.path, query: [] },
  fields: readonly string[] = [],
): Request {
  const limit: Params = stream.paginates === false ? [] : [['limit', '1']];
  const own = Object.entries(stream.params ?? {});
  const expand = expandInList(expandedFields(stream, [], { [stream.name]: fields }));
  return { path, endpoint: stream.path, params: [...limit, ...own, ...query, ...expand] };
}

async function addressOf(client: Client, stream: StreamDefinition): Promise<Address | Finding> {
  const edge = stream.parent;
  if (!edge) return { path: stream.path, query: [] };
  const parents = await firstOf(client, edge.stream);
  if (parents instanceof StripeError) return { kind: 'untried', why: parents.message };
  const parent = parents.find((each) => canHaveItems(stream, each));
  if (!parent) return { kind: 'untried', why: `there are no ${edge.stream.name} to try it with.` };
  const query = Object.entries(edge.query ?? {}).map(([name, field]) => [name, String(idOf(parent[field]))] as const);
  return { path: stream.path.replace('{id}', encodeURIComponent(parent.id)), query };
}

async function firstOf(client: Client, stream: StreamDefinition): Promise<readonly StripeObject[] | StripeError> {
  const { path, params, paginates } = stream;
  const list = { path, endpoint: path, params: Object.entries(params ?? {}) };
  try {
    return (await fetchPage(client, { ...list, ...(paginates === false ? { paginates } : {}) })).items;
  } catch (error) {
    return ofOne(error);
  }
}

function canHaveItems({ parent: edge }: StreamDefinition, parent: StripeObject): boolean {
  if (edge?.only && valueAt(parent, edge.only.field) !== edge.only.is) return false;
  const isAskedBy = Object.values(edge?.query ?? {}).every((field) => (valueAt(parent, field) ?? null) !== null);
  return isAskedBy && /^\w+$/.test(parent.id);
}
