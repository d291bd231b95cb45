import { retrievePathOf, type StreamDefinition } from '../../streams/definition.js';
import { StripeError } from '../../stripe/errors.js';
import type { ListContext } from '../lists/lists.js';
import { fillPath } from './paths.js';
import { type Row, valueAt } from './rows.js';

/**
 * Whether Stripe says of an object itself that it is gone: by a 404 for its id, or by `deleted: true`. A 404 of a list that
 * hangs on it says nothing of it. What cannot be asked for, or is refused, is not known to be gone.
 */
export async function isGone(
  { client }: Pick<ListContext, 'client'>,
  stream: StreamDefinition,
  object: Row,
): Promise<boolean> {
  const template = retrievePathOf(stream);
  if (template === undefined) return false;
  try {
    const body = await client.get({ path: fillPath(template, object), endpoint: template });
    return valueAt(body, 'deleted') === true;
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    return error.kind === 'not_found';
  }
}
