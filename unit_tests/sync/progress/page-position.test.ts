import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PagePosition, type StoredPosition } from '../../../src/sync/progress/page-position.js';
import { parseStreamState, toStored } from '../../../src/sync/progress/stream-state.js';

/** What a next sync finds in the state. */
function restored(within: StoredPosition | undefined): StoredPosition | undefined {
  if (within === undefined) return undefined;
  const progress = { from: 0, created: 1, pending: [{ within }] };
  const state = toStored({ progress, origin: { livemode: undefined, account: undefined } });
  return parseStreamState(JSON.parse(JSON.stringify(state)), 'x')?.progress.pending[0]?.within;
}

function undone(position: PagePosition, ids: readonly string[]): readonly string[] {
  return ids.filter((_, index) => !position.isDone(index));
}

const IDS = Array.from({ length: 12 }, (_, n) => `po_${n}`);
/** Notes in any order: of some object, up to some child or all of it. */
const notes = fc.array(fc.tuple(fc.constantFrom(...IDS), fc.option(fc.constantFrom('c1', 'c2', 'c3'))), {
  maxLength: 30,
});

/** What must be known after these notes; an object that is finished is not noted again. */
function outcomeOf(given: readonly (readonly [string, string | null])[]) {
  const outcome = new Map<string, string | null>();
  for (const [id, after] of given) if (outcome.get(id) !== null) outcome.set(id, after);
  return outcome;
}

function noteAll(position: PagePosition, given: readonly (readonly [string, string | null])[]): void {
  const finished = new Set<string>();
  for (const [id, after] of given) {
    if (finished.has(id)) continue;
    if (after === null) finished.add(id);
    position.note(id, after);
  }
}

describe('a position', () => {
  it('a stored position gives exactly what is not finished, wherever the page was left and in whatever order', () => {
    fc.assert(
      fc.property(notes, (given) => {
        const position = new PagePosition(IDS, undefined);
        noteAll(position, given);
        const outcome = outcomeOf(given);
        const expected = IDS.filter((id) => outcome.get(id) !== null);
        expect(undone(position, IDS)).toEqual(expected);
        const again = new PagePosition(IDS, restored(position.stored));
        expect(undone(again, IDS)).toEqual(expected);
        for (const id of expected) expect(again.afterOf(id)).toBe(outcome.get(id) ?? undefined);
        expect(again.stored).toEqual(position.stored);
      }),
    );
  });

  it('a stored position loses nothing of its list when objects came and went before that is entered again', () => {
    const newer = fc.uniqueArray(fc.constantFrom('new_1', 'new_2', 'new_3', 'new_4'));
    fc.assert(
      fc.property(notes, newer, fc.subarray(IDS), fc.integer({ min: 1, max: 12 }), (given, first, gone, length) => {
        const position = new PagePosition(IDS, undefined);
        noteAll(position, given);
        const outcome = outcomeOf(given);
        const list = [...first, ...IDS.filter((id) => !gone.includes(id))];
        let within = restored(position.stored);
        const given2: string[] = [];
        for (let start = 0; start < list.length; start += length) {
          const page = list.slice(start, start + length);
          const next = new PagePosition(page, within);
          given2.push(...undone(next, page));
          within = next.beyond;
        }
        const unfinished = IDS.filter((id) => outcome.get(id) !== null && !gone.includes(id));
        expect(unfinished.filter((id) => !given2.includes(id))).toEqual([]);
        // What is known by its own id is not given again, however the pages fall now.
        const behind = Object.entries(position.stored?.partly ?? {}).filter(([, after]) => after === null);
        expect(behind.filter(([id]) => given2.includes(id))).toEqual([]);
      }),
    );
  });

  it('a position knows what was read of a child although its parent is on a later page now', () => {
    const before: StoredPosition = { partly: { po_9: 'c7', po_8: null } };
    const first = new PagePosition(['new_1', 'new_2'], before);
    expect(undone(first, ['new_1', 'new_2'])).toEqual(['new_1', 'new_2']);
    const second = new PagePosition(['po_8', 'po_9'], first.beyond);
    expect([undone(second, ['po_8', 'po_9']), second.afterOf('po_9')]).toEqual([['po_9'], 'c7']);
  });

  it('a position says nothing at the top of a page, and a finished one says nothing of the next page', () => {
    const position = new PagePosition(IDS, undefined);
    expect([position.stored, position.beyond]).toEqual([undefined, undefined]);
    position.noteAll();
    expect([position.stored, position.beyond, undone(position, IDS)]).toEqual([{ through: 'po_11' }, undefined, []]);
  });

  it('a position in a page that is finished in its order is one id', () => {
    const position = new PagePosition(IDS, undefined);
    for (const id of IDS.slice(0, 5)) position.note(id, null);
    expect(position.stored).toEqual({ through: 'po_4' });
  });
});
