import { describe, expect, it } from 'vitest';
import { loadPackage } from '../../scripts/stripe/known.js';
import { catalog } from '../../src/streams/catalog.js';
import { kindsOf, type StreamDefinition } from '../../src/streams/definition.js';
import { includableOf } from '../../src/streams/includable.js';
import { readSchema, type Schema } from '../../src/streams/schemas.js';

const { optional } = loadPackage();

function fieldsOf(stream: StreamDefinition): readonly string[] {
  return includableOf(stream).map(({ field }) => field);
}

/** Fields of a stream's rows that may be missing. */
function optionalOf(stream: StreamDefinition): readonly string[] {
  return kindsOf(stream).flatMap((kind) => optional.get(kind) ?? []);
}

/** Whether a schema has a field at a path with dots, in objects, in items of arrays and in values of maps. */
function has(schema: Schema | undefined, [name, ...rest]: readonly string[]): boolean {
  if (schema === undefined || name === undefined) return schema !== undefined;
  if (schema.items) return has(schema.items, [name, ...rest]);
  const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  return has(schema.properties?.[name], rest) || (values !== undefined && has(values, [name, ...rest]));
}

/** Names that Stripe gives to fields that have to be asked for. */
const NAMES = ['applies_to', 'breakdown', 'currency_options', 'taxes', 'tiers'];

/** Comes unasked, wherever the key may see it. */
const UNASKED = ['external_accounts'];

describe.each(catalog)('what rows of $name have only when it is asked for', (stream) => {
  it('every field on request exists, and is decided once', () => {
    const fields = fieldsOf(stream);
    const schema = readSchema(stream.name);
    expect(fields.filter((field) => !has(schema, field.split('.')))).toEqual([]);
    expect(new Set(fields).size).toBe(fields.length);
  });

  it('every list, and every field with a telling name, that rows may lack is decided', () => {
    const lists = optionalOf(stream).filter((field) => isList(readSchema(stream.name), field.split('.')));
    const telling = optionalOf(stream).filter((field) => NAMES.includes(field.split('.').at(-1) ?? ''));
    const known = [...fieldsOf(stream), ...UNASKED];
    expect([...lists, ...telling].filter((field) => !known.includes(field))).toEqual([]);
  });
});

function isList(schema: Schema | undefined, [name, ...rest]: readonly string[]): boolean {
  if (name !== undefined) return isList(schema?.properties?.[name], rest);
  return schema?.properties?.['has_more'] !== undefined && schema.properties['data'] !== undefined;
}

describe('a row', () => {
  it.each([
    ['prices', ['currency_options', 'tiers']],
    ['plans', ['tiers']],
    ['coupons', ['applies_to', 'currency_options']],
    ['promotion_codes', ['restrictions.currency_options']],
    ['shipping_rates', ['fixed_amount.currency_options']],
    ['charges', ['refunds']],
    ['cards', []],
    ['apps_secrets', []],
    ['identity_verification_reports', []],
    ['customers', []],
  ])('a row of %s always has %j', (name, fields) => {
    const stream = catalog.find((each) => each.name === name);
    const always = stream ? includableOf(stream).filter(({ included }) => included === 'always') : [];
    expect(always.map(({ field }) => field)).toEqual(fields);
  });

  it('a row has the list of a child only while that child is read, and the reason names the child', () => {
    const customers = catalog.find(({ name }) => name === 'customers');
    const sources = customers && includableOf(customers).find(({ field }) => field === 'sources');
    expect(sources).toEqual({ field: 'sources', included: 'children', why: 'bank_accounts, customer_sources' });
  });
});
