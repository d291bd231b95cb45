import type { Client, Request } from '../stripe/client.js';
import { StripeError, type StripeErrorKind } from '../stripe/errors.js';

/** Errors that concern every request, not just this one. */
const OF_ALL: readonly StripeErrorKind[] = ['authentication', 'forbidden', 'untrusted'];

/** Why Stripe refuses a request; undefined if it answers as expected. Throws an error that concerns every request. */
export async function refusalOf(
  client: Client,
  request: Request,
  isExpected: (body: unknown) => boolean = () => true,
): Promise<StripeError | undefined> {
  try {
    if (isExpected(await client.get(request))) return undefined;
    return new StripeError('request', `GET ${request.path} did not answer as Stripe does.`);
  } catch (error) {
    return ofOne(error);
  }
}

/** Returns an error that concerns one request, and throws any other. */
export function ofOne(error: unknown): StripeError {
  if (error instanceof StripeError && !OF_ALL.includes(error.kind)) return error;
  throw error;
}
