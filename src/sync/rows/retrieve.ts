import { retrievePathOf, type StreamDefinition } from '../../streams/definition.js';
import { expandInObject } from '../../streams/expand.js';
import type { StripeObject } from '../../stripe/api.generated.js';
import { StripeError } from '../../stripe/errors.js';
import type { Access } from '../account/account.js';
import { fillPath } from './paths.js';
import { type Row, valueAt } from './rows.js';

/**
 * Reads one object of a list again, with what the list's requests expand. Throws a StripeError, `not_found` also if
 * Stripe answers only that the object was deleted.
 */
export async function retrieve(
  { client, expansions }: Access,
  stream: StreamDefinition,
  item: StripeObject,
): Promise<StripeObject> {
  const template = retrievePathOf(stream);
  if (template === undefined) throw new StripeError('request', `Stripe has no GET for one object of ${stream.path}.`);
  const params = expandInObject(expansions.fieldsOf(stream));
  const body = await client.get({ path: fillPath(template, item), endpoint: template, params });
  if (!isSame(body, item)) throw new StripeError('transient', `GET ${template} did not answer with the object.`);
  if (isDeleted(body)) throw new StripeError('not_found', `GET ${template}: the object was deleted.`);
  return body;
}

/**
 * Whether Stripe says that the object itself is gone: by a 404 for its id, or by `deleted: true`. A 404 for a list
 * below the object says nothing about the object. False if there is no way to ask, or if Stripe refuses.
 */
export async function isGone({ client }: Access, stream: StreamDefinition, object: Row): Promise<boolean> {
  const template = retrievePathOf(stream);
  if (template === undefined) return false;
  try {
    return isDeleted(await client.get({ path: fillPath(template, object), endpoint: template }));
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    return error.kind === 'not_found';
  }
}

function isSame(body: unknown, { id, object }: StripeObject): body is StripeObject {
  return typeof body === 'object' && body !== null && valueAt(body, 'id') === id && valueAt(body, 'object') === object;
}

function isDeleted(body: unknown): boolean {
  return valueAt(body, 'deleted') === true;
}
