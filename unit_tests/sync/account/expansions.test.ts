import { describe, expect, it } from 'vitest';
import { catalog } from '../../../src/streams/catalog.js';
import { Expansions } from '../../../src/sync/account/expansions.js';

describe('what children add to the list of their parent', () => {
  const [parent, child] = ['quotes', 'quote_line_items'].map((name) => catalog.find((stream) => stream.name === name));
  if (!parent || !child) throw new Error('no such streams');

  it('what children add to the list of their parent can be given up once, and then the child is not embedded', () => {
    const expansions = new Expansions([child], {});
    expect([expansions.fieldsOf(parent).length, expansions.isEmbedded(child)]).toEqual([1, true]);
    expect(expansions.giveUpChildrenOf(parent)).toBe(true);
    expect([expansions.fieldsOf(parent).length, expansions.isEmbedded(child)]).toEqual([0, false]);
    expect(expansions.giveUpChildrenOf(parent)).toBe(false);
  });

  it('what the user wants expanded in a list cannot be given up', () => {
    const expansions = new Expansions([], { quotes: ['customer'] });
    expect(expansions.giveUpChildrenOf(parent)).toBe(false);
    expect(expansions.fieldsOf(parent)).toEqual(['customer']);
  });
});
