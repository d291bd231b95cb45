import { describe, expect, it } from 'vitest';
import { PageWork } from '../../../src/sync/rows/page-work.js';

interface Item {
  readonly name: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function jobOf(names: readonly string[]) {
  const begun: Item[] = [];
  const work = (item: unknown) =>
    new Promise<void>((resolve, reject) => void begun.push({ name: String(item), resolve, reject }));
  return { begun, job: new PageWork('/v1/x', names, work) };
}

function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('a job', () => {
  it('begins each item once, in their order, whoever does it', async () => {
    const { begun, job } = jobOf(['a', 'b', 'c', 'd']);
    const done = job.done();
    const help = job.help();
    expect([begun.map(({ name }) => name), job.hasMore]).toEqual([['a', 'b'], true]);
    begun[1]?.resolve();
    await help;
    expect(begun).toHaveLength(2);
    begun[0]?.resolve();
    await settle();
    const last = job.help();
    expect([begun.map(({ name }) => name), job.hasMore]).toEqual([['a', 'b', 'c', 'd'], false]);
    begun[2]?.resolve();
    begun[3]?.resolve();
    await Promise.all([done, last]);
  });

  it('is done when its helpers are', async () => {
    const { begun, job } = jobOf(['a', 'b']);
    let isDone = false;
    const done = job.done().then(() => {
      isDone = true;
    });
    void job.help();
    begun[0]?.resolve();
    await settle();
    expect(isDone).toBe(false);
    begun[1]?.resolve();
    await done;
  });

  it('begins nothing after a failure, and rejects with it when nothing is under way', async () => {
    const { begun, job } = jobOf(['a', 'b', 'c', 'd']);
    let reason: unknown;
    const done = job.done().catch((error: unknown) => {
      reason = error;
    });
    const help = job.help();
    begun[1]?.reject(new Error('first'));
    await expect(help).resolves.toBeUndefined();
    expect([job.hasMore, reason]).toEqual([false, undefined]);
    begun[0]?.reject(new Error('second'));
    await done;
    expect([reason, begun.length]).toEqual([new Error('first'), 2]);
  });

  it('of nothing is done', async () => {
    const { begun, job } = jobOf([]);
    expect(job.hasMore).toBe(false);
    await job.done();
    expect(begun).toEqual([]);
  });
});
