import type { Params } from '../../stripe/client.js';
import { StripeError } from '../../stripe/errors.js';
import { idOf, type Row, valueAt } from './rows.js';

/**
 * Fills the braces of a path (`/v1/invoices/{id}/lines`) with fields of an object. Throws a StripeError (`request`) if
 * a field cannot be a segment of a path. This happens because users choose the ids of products, plans and coupons.
 */
export function fillPath(template: string, object: Row): string {
  return template.replaceAll(/\{([^}]+)\}/g, (_, field: string) => segmentOf(template, idOf(valueAt(object, field))));
}

/** Query parameters with fields of an object as values. Throws a StripeError (`request`) if a field is missing. */
export function fillQuery(query: Readonly<Record<string, string>> | undefined, object: Row): Params {
  return Object.entries(query ?? {}).map(([name, field]) => {
    const value = idOf(valueAt(object, field));
    if (typeof value === 'string' && value !== '') return [name, value];
    throw new StripeError('request', `The parameter "${name}" cannot be sent: an object has no "${field}".`);
  });
}

/** As segments of a URL these lead to another path, even with their dots encoded. */
const DOTS = ['.', '..'];

function segmentOf(template: string, value: unknown): string {
  const text = typeof value === 'string' ? value : '';
  if (text === '' || DOTS.includes(text) || !isWellFormed(text)) {
    throw new StripeError('request', `GET ${template} cannot be sent for the id ${JSON.stringify(value)}.`);
  }
  return encodeURIComponent(text);
}

/** Half of a surrogate pair cannot be encoded. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
