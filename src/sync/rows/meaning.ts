import type { StreamDefinition } from '../../streams/definition.js';
import type { StripeError } from '../../stripe/errors.js';
import type { Access } from '../account/account.js';
import type { Meaning } from '../failures/reaction.js';
import { isGone } from './retrieve.js';
import type { Row } from './rows.js';

/** The object that a request was about. */
export interface About {
  readonly stream: StreamDefinition;
  readonly object: Row;
}

/**
 * What a failed request for one object means. The object counts as gone only if Stripe says so of the object itself.
 */
export async function meaningOf(access: Access, error: StripeError, about?: About): Promise<Meaning> {
  if (about === undefined) return error.kind;
  if (error.kind === 'forbidden' && names(error, about.object)) return 'revoked';
  if (error.kind === 'not_found' && (await isGone(access, about.stream, about.object))) return 'gone';
  return error.kind;
}

/** Whether Stripe's own words name this very account. Some wordings quote the id, others do not. */
function names({ answer }: StripeError, { id, object }: Row): boolean {
  return object === 'account' && (answer?.said ?? '').split(/[^A-Za-z0-9_]+/).includes(String(id));
}
