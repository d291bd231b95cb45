import type { Client, Request } from '../stripe/client.js';
import { StripeError, type StripeErrorKind } from '../stripe/errors.js';

/** What concerns every request, not this one. */
const OF_ALL: readonly StripeErrorKind[] = ['authentication', 'forbidden', 'untrusted'];

/** Why Stripe does not answer a request, if it does not. What concerns every request is thrown. */
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

/** An error that concerns one request; throws any other. */
export function ofOne(error: unknown): StripeError {
  if (error instanceof StripeError && !OF_ALL.includes(error.kind)) return error;
  throw error;
}
