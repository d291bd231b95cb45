import { StripeError, type StripeErrorKind } from '../../stripe/errors.js';

/**
 * What a request was made for:
 * - `list`: a page of a top-level list, for all streams that are read from it
 * - `children`: the list of one parent
 * - `row`: what completes one row: its embedded lists, or its expanded fields
 */
export type Site = 'list' | 'children' | 'row';

/**
 * What a failed request means:
 * - `skip`: this one object will never have anything to read, so nothing is missing; it is counted, with a WARN
 * - `miss`: this one object cannot be read; the rest of the stream is read, and the stream ends INCOMPLETE
 * - `no_product`: the account may lack the product, if the stream belongs to one and nothing of it was read
 * - `end_stream`: the streams that are read from this list cannot be read any further
 * - `end_sync`: no stream can be read any further
 */
export type Reaction = 'skip' | 'miss' | 'no_product' | 'end_stream' | 'end_sync';

/**
 * Why an object cannot be read, as far as its own request can tell:
 * - `gone`: the object itself is gone, not only what was asked for below it
 * - `revoked`: the object is an account that revoked access
 */
export type Meaning = StripeErrorKind | 'gone' | 'revoked';

/** Invariant: an error concerns only what was asked for. One object never ends the stream that it belongs to. */
const REACTIONS: Readonly<Record<Meaning, Readonly<Record<Site, Reaction>>>> = {
  authentication: { list: 'end_stream', children: 'end_stream', row: 'end_stream' },
  // For one object this is only a miss: the account was asked for first, and its lists show when access to it is lost.
  forbidden: { list: 'end_sync', children: 'miss', row: 'miss' },
  untrusted: { list: 'end_sync', children: 'end_sync', row: 'end_sync' },
  unavailable: { list: 'no_product', children: 'miss', row: 'miss' },
  // Paging enters a list again when its place is lost, so a refusal that gets here is about something else.
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

/** What to do about a failed request. */
export function reaction(meaning: Meaning, site: Site): Reaction {
  return REACTIONS[meaning][site];
}

/** Whether no stream can be read any further. */
export function endsTheSync(error: unknown): boolean {
  return error instanceof StripeError && reaction(error.kind, 'list') === 'end_sync';
}
