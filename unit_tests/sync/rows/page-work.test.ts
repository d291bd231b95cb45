import { describe, expect, it } from 'vitest';
import { PageWork } from '../../../src/sync/rows/page-work.js';

interface Item {
  readonly name: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function workOf(names: readonly string[]) {
  const begun: Item[] = [];
  const work = (item: unknown) =>
    new Promise<void>((resolve, reject) => void begun.push({ name: String(item), resolve, reject }));
  return { begun, page: new PageWork('/v1/x', names, work) };
}

function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('the work of a page', () => {
  it('the items of a page are begun once each and in their order, with or without help', async () => {
    const { begun, page } = workOf(['a', 'b', 'c', 'd']);
    const done = page.done();
    const help = page.help();
    expect([begun.map(({ name }) => name), page.hasMore]).toEqual([['a', 'b'], true]);
    begun[1]?.resolve();
    await help;
    expect(begun).toHaveLength(2);
    begun[0]?.resolve();
    await settle();
    const last = page.help();
    expect([begun.map(({ name }) => name), page.hasMore]).toEqual([['a', 'b', 'c', 'd'], false]);
    begun[2]?.resolve();
    begun[3]?.resolve();
    await Promise.all([done, last]);
  });

  it('the work of a page is done when its helpers are', async () => {
    const { begun, page } = workOf(['a', 'b']);
    let isDone = false;
    const done = page.done().then(() => {
      isDone = true;
    });
    void page.help();
    begun[0]?.resolve();
    await settle();
    expect(isDone).toBe(false);
    begun[1]?.resolve();
    await done;
  });

  it('the work of a page begins nothing after a failure, and rejects with it when nothing is under way', async () => {
    const { begun, page } = workOf(['a', 'b', 'c', 'd']);
    let reason: unknown;
    const done = page.done().catch((error: unknown) => {
      reason = error;
    });
    const help = page.help();
    begun[1]?.reject(new Error('first'));
    await expect(help).resolves.toBeUndefined();
    expect([page.hasMore, reason]).toEqual([false, undefined]);
    begun[0]?.reject(new Error('second'));
    await done;
    expect([reason, begun.length]).toEqual([new Error('first'), 2]);
  });

  it('a page without work is done', async () => {
    const { begun, page } = workOf([]);
    expect(page.hasMore).toBe(false);
    await page.done();
    expect(begun).toEqual([]);
  });
});
