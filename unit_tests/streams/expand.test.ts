import { describe, expect, it } from 'vitest';
import { catalog } from '../../src/streams/catalog.js';
import { Expansions, expandParams } from '../../src/streams/expand.js';

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

  it('what the user wants expanded in it, and nothing for a child that is expanded itself: it is read alone', () => {
    const expand = { quotes: ['customer'], quote_line_items: ['discounts'] };
    expect(fieldsOf('quotes', ['quote_line_items'], expand)).toEqual(['data.customer']);
  });
});

describe('what children add to the list of their parent', () => {
  const [parent, child] = ['quotes', 'quote_line_items'].map((name) => catalog.find((stream) => stream.name === name));
  if (!parent || !child) throw new Error('no such streams');

  it('can be given up, once, and then the child is not embedded', () => {
    const expansions = new Expansions([child], {});
    expect([expansions.paramsOf(parent).length, expansions.isEmbedded(child)]).toEqual([1, true]);
    expect(expansions.giveUpChildrenOf(parent)).toBe(true);
    expect([expansions.paramsOf(parent).length, expansions.isEmbedded(child)]).toEqual([0, false]);
    expect(expansions.giveUpChildrenOf(parent)).toBe(false);
  });

  it('is not what the parent itself is asked to expand', () => {
    const expansions = new Expansions([], { quotes: ['customer'] });
    expect(expansions.giveUpChildrenOf(parent)).toBe(false);
    expect(expansions.paramsOf(parent)).toEqual([['expand[]', 'data.customer']]);
  });
});
