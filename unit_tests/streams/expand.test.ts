import { describe, expect, it } from 'vitest';
import { catalog } from '../../src/streams/catalog.js';
import { expandParams } from '../../src/streams/expand.js';

/** The fields that a list is asked to expand, while these streams are read. */
function fieldsOf(name: string, read: readonly string[], expand = {}): readonly string[] {
  const stream = catalog.find((each) => each.name === name);
  const children = catalog.filter((each) => read.includes(each.name));
  return stream ? expandParams(stream, children, expand).map(([, field]) => field) : [];
}

describe('a list is asked to expand', () => {
  it('what a row would not be whole without', () => {
    expect(fieldsOf('charges', [])).toEqual(['data.refunds']);
  });

  it('the lists of its children, once, and only while they are read', () => {
    expect(fieldsOf('customers', ['bank_accounts', 'customer_sources'])).toEqual(['data.sources']);
    expect(fieldsOf('customers', ['customer_balance_transactions'])).toEqual([]);
    expect(fieldsOf('customers', [])).toEqual([]);
  });

  it('what the user wants expanded in it, and in the children that it embeds', () => {
    const expand = { quotes: ['customer'], quote_line_items: ['discounts'] };
    expect(fieldsOf('quotes', ['quote_line_items'], expand)).toEqual([
      'data.customer',
      'data.line_items',
      'data.line_items.data.discounts',
    ]);
  });
});
