import { describe, expect, it } from 'vitest';
import { catalog } from '../../src/streams/catalog.js';
import { expandedFields, expandInList, expandInObject } from '../../src/streams/expand.js';

/** The fields that a list is asked to expand, while these streams are read. */
function fieldsOf(name: string, read: readonly string[], expand = {}): readonly string[] {
  const stream = catalog.find((each) => each.name === name);
  const children = catalog.filter((each) => read.includes(each.name));
  return stream ? expandedFields(stream, children, expand) : [];
}

describe('a list is asked to expand', () => {
  it('what a row would not be whole without', () => {
    expect(fieldsOf('charges', [])).toEqual(['refunds']);
  });

  it('the lists of its children, once, and only while they are read', () => {
    expect(fieldsOf('customers', ['bank_accounts', 'customer_sources'])).toEqual(['sources']);
    expect(fieldsOf('customers', ['customer_balance_transactions'])).toEqual([]);
    expect(fieldsOf('customers', [])).toEqual([]);
  });

  it('what the user wants expanded in it, and nothing for a child that is expanded itself: it is read alone', () => {
    const expand = { quotes: ['customer'], quote_line_items: ['discounts'] };
    expect(fieldsOf('quotes', ['quote_line_items'], expand)).toEqual(['customer']);
  });

  it('a field from the list on, and by its own name in one object', () => {
    expect(expandInList(['refunds'])).toEqual([['expand[]', 'data.refunds']]);
    expect(expandInObject(['refunds'])).toEqual([['expand[]', 'refunds']]);
  });
});
