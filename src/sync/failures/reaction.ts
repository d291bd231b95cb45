import { StripeError, type StripeErrorKind } from '../../stripe/errors.js';

/**
 * What a request was made for:
 * - `list`: a page of a top-level list, for all streams that live on it
 * - `children`: the list of one parent
 * - `row`: to make one row whole: its embedded lists, or its expanded fields
 */
export type Site = 'list' | 'children' | 'row';

/**
 * What a failed request means:
 * - `skip`: it is known of this one object for good, so that nothing is missing: counted, with a WARN
 * - `miss`: it costs this one object; the rest of the stream is read, and the stream is then INCOMPLETE
 * - `no_product`: the account may not have the product, if the stream belongs to one and nothing of it was read
 * - `end_stream`: the streams that live on this list cannot be read on
 * - `end_sync`: nothing can be read any more
 */
export type Reaction = 'skip' | 'miss' | 'no_product' | 'end_stream' | 'end_sync';

/**
 * Why an object cannot be read, as far as its own request can tell:
 * - `gone`: the object itself is gone, and not only what was asked of it
 * - `revoked`: it is an account that revoked access
 */
export type Meaning = StripeErrorKind | 'gone' | 'revoked';

/** Invariant: an error has the scope of what was asked. One object never ends the stream that it belongs to. */
const REACTIONS: Readonly<Record<Meaning, Readonly<Record<Site, Reaction>>>> = {
  authentication: { list: 'end_stream', children: 'end_stream', row: 'end_stream' },
  // Of one object: the account that is read was asked for before, and its own lists tell when it is lost.
  forbidden: { list: 'end_sync', children: 'miss', row: 'miss' },
  untrusted: { list: 'end_sync', children: 'end_sync', row: 'end_sync' },
  unavailable: { list: 'no_product', children: 'miss', row: 'miss' },
  // Whoever pages a list enters it again; a refusal that comes through all the same is no lost place.
  cursor: { list: 'end_stream', children: 'miss', row: 'miss' },
  permission: { list: 'end_stream', children: 'miss', row: 'miss' },
  request: { list: 'end_stream', children: 'miss', row: 'miss' },
  not_found: { list: 'end_stream', children: 'miss', row: 'miss' },
  limited: { list: 'end_stream', children: 'miss', row: 'miss' },
  transient: { list: 'end_stream', children: 'miss', row: 'miss' },
  uncontrolled: { list: 'end_stream', children: 'skip', row: 'miss' },
  no_items: { list: 'end_stream', children: 'skip', row: 'skip' },
  gone: { list: 'end_stream', children: 'skip', row: 'skip' },
  revoked: { list: 'end_stream', children: 'skip', row: 'miss' },
};

export function reaction(meaning: Meaning, site: Site): Reaction {
  return REACTIONS[meaning][site];
}

/** Whether nothing can be read any more, in no stream. */
export function endsTheSync(error: unknown): boolean {
  return error instanceof StripeError && reaction(error.kind, 'list') === 'end_sync';
}
