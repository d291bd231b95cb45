/**
 * Fields whose value may be a fraction: by name, or by name and the name of the field around it. All other numbers of
 * Stripe are integers. These are the `float` fields of Stripe's Python SDK 16.1.0, which is generated from the same API
 * version (2026-10-28.endive) as the types of stripe 23.1.0; TypeScript's `number` does not tell one from the other.
 */
const FRACTIONS: ReadonlySet<string> = new Set([
  'aggregated_value',
  'amount_percent',
  'application_fee_percent',
  'effective_percentage',
  'exchange_rate',
  'height',
  'latitude',
  'length',
  'longitude',
  'percent_off',
  'percent_ownership',
  'percentage',
  'rates',
  'receipt.quantity',
  'score',
  'weight',
  'width',
]);

/** What kind of number the field at this path holds. The items of an array and the values of a map share its path. */
export function numberType(path: readonly string[]): 'integer' | 'number' {
  const [name = '', around = ''] = path.toReversed();
  return FRACTIONS.has(name) || FRACTIONS.has(`${around}.${name}`) ? 'number' : 'integer';
}
