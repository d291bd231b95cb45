import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillPath, fillQuery } from '../../../src/sync/rows/paths.js';

const BASE = 'https://api.stripe.com';

describe('the path of an object', () => {
  it('a path asks for one object and no other, whatever characters its id has, or is refused by name', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('.', '..', '%2e', 'a/b', 'a?b')),
        (id) => {
          let path: string;
          try {
            path = fillPath('/v1/products/{id}/features', { id });
          } catch (error) {
            expect(String(error)).toContain('/v1/products/{id}/features');
            return;
          }
          const segments = new URL(path, BASE).pathname.split('/');
          expect(segments.map(decodeURIComponent)).toEqual(['', 'v1', 'products', id, 'features']);
          expect(new URL(path, BASE).search).toBe('');
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([['.'], ['..'], [''], ['\ud800'], [undefined], [null], [7]])('a path cannot be made of the id %j', (id) => {
    expect(() => fillPath('/v1/products/{id}/features', { id })).toThrow('cannot be sent for the id');
  });

  it('a path takes the id of an object that was expanded in its place', () => {
    expect(fillPath('/v1/x/{customer}', { customer: { id: 'cus_1', object: 'customer' } })).toBe('/v1/x/cus_1');
    expect(fillQuery({ of: 'customer' }, { customer: { id: 'cus_1' } })).toEqual([['of', 'cus_1']]);
  });
});
