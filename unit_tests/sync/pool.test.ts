import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pool, type Task } from '../../src/sync/pool.js';

/** A piece of work that ends when it is told to. */
interface Piece {
  readonly task: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Tasks with so many pieces each, what is under way, and what became of them. */
function stage() {
  const underWay: Piece[] = [];
  const begun: string[] = [];
  const ended: string[] = [];
  const begin = (task: string) =>
    new Promise<void>((resolve, reject) => {
      begun.push(task);
      const piece: Piece = {
        task,
        resolve: () => leave(piece, resolve),
        reject: (error) => leave(piece, () => reject(error)),
      };
      underWay.push(piece);
    });
  const leave = (piece: Piece, then: () => void) => {
    underWay.splice(underWay.indexOf(piece), 1);
    then();
  };
  const task = (name: string, pieces: number): Task => {
    let left = pieces;
    return {
      begin: () => {
        if (left === 0) return undefined;
        left -= 1;
        return begin(name);
      },
      end: async () => void ended.push(name),
    };
  };
  return { underWay, begun, ended, task };
}

/** Lets everything happen that can happen by itself. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('a pool', () => {
  it('a pool gives each task a worker before any gets a second', () => {
    const { begun, task } = stage();
    void new Pool(4).run([task('long', 9), task('b', 1), task('c', 1)]);
    expect(begun).toEqual(['long', 'b', 'c', 'long']);
  });

  it('a pool gives a worker that is free to the task with the fewest', async () => {
    const { underWay, begun, task } = stage();
    const pool = new Pool(3);
    void pool.run([task('a', 9), task('b', 9)]);
    expect(begun).toEqual(['a', 'b', 'a']);
    underWay.find((piece) => piece.task === 'b')?.resolve();
    await settle();
    expect(begun).toEqual(['a', 'b', 'a', 'b']);
  });

  it('a pool does all work with never more workers than it has, and ends each task once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat(8), { maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        async (size, counts, picks) => {
          const { underWay, begun, ended, task } = stage();
          const names = counts.map((_, index) => `task ${index}`);
          let isOver = false;
          const done = new Pool(size).run(counts.map((count, index) => task(names[index] ?? '', count))).then(() => {
            isOver = true;
          });
          await settle();
          while (underWay.length > 0) {
            expect(underWay.length).toBeLessThanOrEqual(size);
            expect(isOver).toBe(false);
            underWay[(picks.next().value ?? 0) % underWay.length]?.resolve();
            await settle();
          }
          await done;
          expect(begun).toHaveLength(counts.reduce((sum, count) => sum + count, 0));
          expect([...ended].sort()).toEqual([...names].sort());
        },
      ),
      { numRuns: 50 },
    );
  });

  it('a pool begins nothing more after a rejection, and rejects when all that was under way has ended', async () => {
    const { underWay, begun, ended, task } = stage();
    let outcome: unknown;
    const done = new Pool(2).run([task('a', 9), task('b', 9)]).catch((reason: unknown) => {
      outcome = reason;
    });
    underWay[0]?.reject(new Error('first'));
    await settle();
    expect([begun.length, outcome]).toEqual([2, undefined]);
    underWay[0]?.reject(new Error('second'));
    await done;
    expect(outcome).toEqual(new Error('first'));
    expect([begun.length, ended]).toEqual([2, []]);
  });

  it('a pool rejects when a task cannot end', async () => {
    const task: Task = { begin: () => undefined, end: () => Promise.reject(new Error('the reader is gone')) };
    await expect(new Pool(1).run([task])).rejects.toThrow('the reader is gone');
  });

  it('a pool without tasks ends', async () => {
    await expect(new Pool(3).run([])).resolves.toBeUndefined();
  });

  it('a pool looks again for work when it is told that there may be some', async () => {
    const { underWay, begun, task } = stage();
    const pool = new Pool(2);
    const growing = task('a', 2);
    let isOpen = false;
    const done = pool.run([
      { begin: () => (begun.length === 0 || isOpen ? growing.begin() : undefined), end: growing.end },
    ]);
    expect(begun).toHaveLength(1);
    isOpen = true;
    pool.offer();
    expect(begun).toHaveLength(2);
    for (const piece of [...underWay]) piece.resolve();
    await done;
  });
});
