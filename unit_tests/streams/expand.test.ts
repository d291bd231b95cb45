import { describe, expect, it } from 'vitest';
import { catalog } from '../../src/streams/catalog.js';
import { expandedFields, expandInList, expandInObject } from '../../src/streams/expand.js';

/** The fields that a list is asked to expand, while these streams are read. */
function fieldsOf(name: string, read: readonly string[], expand = {}): readonly string[] {
  const stream = catalog.find((each) => each.name === name);
  const children = catalog.filter((each) => read.includes(each.name));
  return stream ? expandedFields(stream, children, expand) : [];
}

describe('expandedFields', () => {
  it('the fields without which a row would not be whole are expanded', () => {
    expect(fieldsOf('charges', [])).toEqual(['refunds']);
  });

  it('the lists of children are expanded once, and only while the children are read', () => {
    expect(fieldsOf('customers', ['bank_accounts', 'customer_sources'])).toEqual(['sources']);
    expect(fieldsOf('customers', ['customer_balance_transactions'])).toEqual([]);
    expect(fieldsOf('customers', [])).toEqual([]);
  });

  it('the fields that the user wants are expanded, but no list of a child with expanded fields of its own', () => {
    const expand = { quotes: ['customer'], quote_line_items: ['discounts'] };
    expect(fieldsOf('quotes', ['quote_line_items'], expand)).toEqual(['customer']);
  });
});

describe('expandInList and expandInObject', () => {
  it('a list names a field of its items, and an object names the same field without a prefix', () => {
    expect(expandInList(['refunds'])).toEqual([['expand[]', 'data.refunds']]);
    expect(expandInObject(['refunds'])).toEqual([['expand[]', 'refunds']]);
  });
});
