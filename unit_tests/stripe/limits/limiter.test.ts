import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLimiter, type Rates } from '../../../src/stripe/limits/limiter.js';

const RATES: Rates = { account: 50, endpoint: 20 };

/** A limiter whose clock moves only when a test moves it, and the requests that it has started. */
function limiterOf(rates: Rates = RATES) {
  let now = 10_000;
  const timers = new Set<{ readonly at: number; readonly ring: () => void }>();
  const sent: {
    readonly endpoint: string;
    readonly name: number;
    readonly at: number;
    readonly release: () => void;
  }[] = [];
  let asked = 0;

  const sleep = (delayMs: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const timer = { at: now + delayMs, ring: resolve };
      timers.add(timer);
      signal.addEventListener('abort', () => {
        timers.delete(timer);
        reject(signal.reason);
      });
    });
  const limiter = createLimiter(rates, { now: () => now, sleep });

  async function passUntil(end: number): Promise<void> {
    await settle();
    const [next] = [...timers].sort((a, b) => a.at - b.at);
    if (!next || next.at > end) {
      now = end;
      return;
    }
    now = Math.max(now, next.at);
    timers.delete(next);
    next.ring();
    await passUntil(end);
  }

  return {
    ...limiter,
    sent,
    timers,
    /** Asks for a turn and does not wait for it. The request is in flight until it is released. */
    ask: (endpoint: string, signal: AbortSignal = new AbortController().signal) => {
      const name = asked;
      asked += 1;
      limiter.take(endpoint, signal).then(
        (release) => sent.push({ endpoint, name, at: now, release }),
        () => {},
      );
    },
    pass: (ms: number) => passUntil(now + ms),
    /** Time passes, but the process is too busy to notice. */
    stall: (ms: number) => {
      now += ms;
    },
  };
}

/** Runs everything that is ready to run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Refuses requests for three seconds. */
async function refuse(limiter: ReturnType<typeof limiterOf>, endpoint: string, reason: string | undefined) {
  for (let refused = 0; refused < 30; refused += 1) {
    limiter.slowDown(endpoint, reason);
    await limiter.pass(100);
  }
}

function askOften(limiter: ReturnType<typeof limiterOf>, count: number, endpoints: readonly string[]): void {
  for (let asked = 0; asked < count; asked += 1) limiter.ask(endpoints[asked % endpoints.length] ?? '');
}

/** The largest number of requests sent within any 1000 ms. */
function busiestSecond(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.max(0, ...sorted.map((start) => sorted.filter((at) => at >= start && at < start + 1000).length));
}

describe('the rate', () => {
  it.each([
    ['an endpoint', ['a'], 20],
    ['the account', ['a', 'b', 'c', 'd'], 50],
  ] as const)('the rate of %s is used in full, and evenly', async (_, endpoints, rate) => {
    const limiter = limiterOf();
    askOften(limiter, rate * 12, endpoints);
    await limiter.pass(10_000);
    expect(limiter.sent.length).toBeGreaterThanOrEqual(rate * 10 * 0.99);
    expect(busiestSecond(limiter.sent.map(({ at }) => at))).toBe(rate);
    const gaps = limiter.sent.slice(1).map(({ at }, index) => at - (limiter.sent[index]?.at ?? 0));
    expect(Math.max(...gaps.slice(rate / 10))).toBeLessThanOrEqual(1000 / rate + 101);
  });

  it('a rate may be less than one request per second', async () => {
    const limiter = limiterOf({ account: 50, endpoint: 0.5 });
    askOften(limiter, 5, ['a']);
    await limiter.pass(9_000);
    const times = limiter.sent.map(({ at }) => at - 10_000);
    expect(times).toEqual([0, 1900, 3900, 5900, 7900]);
  });

  it('the limiter makes up for a stall of a tenth of a second, and no more', async () => {
    const limiter = limiterOf();
    askOften(limiter, 100, ['a']);
    await limiter.pass(2_000);
    const before = limiter.sent.length;
    limiter.stall(3_600_000);
    await limiter.pass(0);
    expect(limiter.sent.length - before).toBeLessThanOrEqual(3);
  });

  it('requests that wait for one endpoint do not delay a request to another', async () => {
    const limiter = limiterOf();
    askOften(limiter, 40, ['a']);
    await limiter.pass(10);
    limiter.ask('b');
    await limiter.pass(10);
    expect(limiter.sent.at(-1)?.endpoint).toBe('b');
  });

  it('no rate is ever exceeded within any second, whatever is requested and whenever', async () => {
    const step = fc.record({
      endpoint: fc.constantFrom('a', 'b', 'c'),
      count: fc.integer({ min: 1, max: 30 }),
      pass: fc.integer({ min: 0, max: 1500 }),
      stall: fc.integer({ min: 0, max: 700 }),
      refusal: fc.constantFrom(undefined, 'global-rate', 'endpoint-rate'),
    });
    const rate = fc.oneof(fc.double({ min: 0.2, max: 40, noNaN: true }), fc.integer({ min: 1, max: 40 }));
    await fc.assert(
      fc.asyncProperty(rate, rate, fc.array(step, { maxLength: 12 }), async (account, endpoint, steps) => {
        const limiter = limiterOf({ account, endpoint });
        for (const { count, pass, stall, refusal, ...asked } of steps) {
          askOften(limiter, count, [asked.endpoint]);
          await limiter.pass(pass);
          limiter.stall(stall);
          if (refusal !== undefined) limiter.slowDown(asked.endpoint, refusal);
        }
        await limiter.pass(5000);
        expect(busiestSecond(limiter.sent.map(({ at }) => at))).toBeLessThanOrEqual(Math.ceil(account));
        for (const name of ['a', 'b', 'c']) {
          const times = limiter.sent.filter((request) => request.endpoint === name).map(({ at }) => at);
          expect(busiestSecond(times)).toBeLessThanOrEqual(Math.ceil(endpoint));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a refusal for the rate', () => {
  /** How many requests are sent to each endpoint in this time, although more are waiting. */
  async function sentIn(limiter: ReturnType<typeof limiterOf>, ms: number, endpoints: readonly string[]) {
    const before = limiter.sent.length;
    askOften(limiter, 60 * endpoints.length, endpoints);
    await limiter.pass(ms);
    const now = limiter.sent.slice(before);
    return endpoints.map((endpoint) => now.filter((request) => request.endpoint === endpoint).length);
  }

  it('a refusal slows only the level that Stripe names', async () => {
    const limiter = limiterOf({ account: 1000, endpoint: 20 });
    await refuse(limiter, 'a', 'endpoint-rate');
    const [slowed, other] = await sentIn(limiter, 1000, ['a', 'b']);
    expect(slowed).toBeLessThan(10);
    expect(other).toBeGreaterThanOrEqual(20);
  });

  it('a refusal slows both levels if Stripe names none', async () => {
    const limiter = limiterOf({ account: 100, endpoint: 20 });
    await refuse(limiter, 'a', undefined);
    const [refused, ...others] = await sentIn(limiter, 1000, ['a', 'b', 'c', 'd', 'e', 'f']);
    expect(refused).toBeLessThan(10);
    expect(others.reduce((sum, count) => sum + count, 0)).toBeLessThan(60);
  });

  it('a stray refusal, or one burst of them, costs little and is forgotten within seconds', async () => {
    const limiter = limiterOf();
    for (let refused = 0; refused < 100; refused += 1) limiter.slowDown('a', 'endpoint-rate');
    const [soon] = await sentIn(limiter, 2000, ['a']);
    expect(soon).toBeGreaterThanOrEqual(37);
    const [later] = await sentIn(limiter, 3000, ['a']);
    expect(later).toBeGreaterThanOrEqual(59);
  });

  it('repeated refusals lead to the real limit within seconds', async () => {
    const limiter = limiterOf({ account: 1000, endpoint: 80 });
    askOften(limiter, 2000, ['a']);
    const perSecond: number[] = [];
    for (let second = 0; second < 15; second += 1) {
      const before = limiter.sent.length;
      for (let tick = 0; tick < 100; tick += 1) {
        const sent = limiter.sent.length;
        await limiter.pass(10);
        const over = limiter.sent.length - Math.max(sent, before + 20);
        for (let refused = 0; refused < over; refused += 1) limiter.slowDown('a', 'endpoint-rate');
      }
      perSecond.push(limiter.sent.length - before);
    }
    const settled = perSecond.slice(4);
    expect(Math.max(...settled)).toBeLessThanOrEqual(23);
    expect(Math.min(...settled)).toBeGreaterThanOrEqual(16);
  });

  it.each([
    'resource-specific',
    'something-new',
  ])('a refusal with the reason %s changes neither rate nor concurrency', async (reason) => {
    const limiter = limiterOf();
    await refuse(limiter, 'a', reason);
    const [count] = await sentIn(limiter, 2000, ['a']);
    expect(count).toBeGreaterThanOrEqual(39);
    expect(limiter.delayMs('b')).toBe(0);
  });

  it('refusals never stop an endpoint completely', async () => {
    const limiter = limiterOf();
    for (const _ of [1, 2, 3, 4]) await refuse(limiter, 'a', 'endpoint-rate');
    const [count] = await sentIn(limiter, 3000, ['a']);
    expect(count).toBeGreaterThanOrEqual(3);
  });
});

describe('the number in flight', () => {
  const FAST: Rates = { account: 1e6, endpoint: 1e6 };

  it('the number in flight is unlimited until Stripe refuses a request', async () => {
    const limiter = limiterOf(FAST);
    askOften(limiter, 500, ['a']);
    await limiter.pass(10);
    expect(limiter.sent).toHaveLength(500);
    expect(limiter.delayMs('a')).toBe(0);
  });

  it('a refusal for concurrency limits the number in flight on the level that Stripe names', async () => {
    const limiter = limiterOf(FAST);
    askOften(limiter, 40, ['a']);
    await limiter.pass(10);
    limiter.slowDown('a', 'endpoint-concurrency');
    askOften(limiter, 10, ['a', 'b']);
    await limiter.pass(10);
    expect(limiter.sent.slice(40).map(({ endpoint }) => endpoint)).toEqual(['b', 'b', 'b', 'b', 'b']);
    expect(limiter.delayMs('a')).toBe(Number.POSITIVE_INFINITY);
    expect(limiter.delayMs('b')).toBe(0);
    limiter.slowDown('b', 'global-concurrency');
    expect(limiter.delayMs('b')).toBe(Number.POSITIVE_INFINITY);
  });

  it('one request may always be in flight', async () => {
    const limiter = limiterOf(FAST);
    for (const _ of [1, 2, 3]) await refuse(limiter, 'a', 'global-concurrency');
    askOften(limiter, 2, ['a']);
    await limiter.pass(10);
    expect(limiter.sent).toHaveLength(1);
    limiter.sent[0]?.release();
    await limiter.pass(10);
    expect(limiter.sent).toHaveLength(2);
  });

  it('requests that wait for others in flight are sent in the order in which they were made', async () => {
    const limiter = limiterOf(FAST);
    limiter.ask('a');
    await limiter.pass(10);
    limiter.slowDown('a', 'global-concurrency');
    askOften(limiter, 10, ['a', 'b', 'c']);
    for (let place = 0; place < 10; place += 1) {
      limiter.sent[place]?.release();
      await limiter.pass(10);
    }
    expect(limiter.sent.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('the number in flight recovers one by one, and is unlimited again in the end', async () => {
    const limiter = limiterOf(FAST);
    askOften(limiter, 20, ['a']);
    await limiter.pass(10);
    for (const { release } of limiter.sent) release();
    for (const _ of [1, 2, 3]) {
      limiter.slowDown('a', 'global-concurrency');
      await limiter.pass(1500);
    }
    askOften(limiter, 200, ['a']);
    await limiter.pass(10);
    const few = limiter.sent.length - 20;
    expect(few).toBeLessThan(5);
    await limiter.pass(4000);
    limiter.sent.at(-1)?.release();
    await limiter.pass(10);
    expect(limiter.sent.length - 20).toBeGreaterThan(few + 1);
    await limiter.pass(120_000);
    limiter.sent.at(-1)?.release();
    await limiter.pass(10);
    expect(limiter.sent).toHaveLength(220);
  });

  it('a request leaves only once, however often it is released', async () => {
    const limiter = limiterOf(FAST);
    limiter.ask('a');
    await limiter.pass(10);
    limiter.slowDown('a', 'endpoint-concurrency');
    for (const _ of [1, 2, 3]) limiter.sent[0]?.release();
    askOften(limiter, 3, ['a']);
    await limiter.pass(10);
    expect(limiter.sent).toHaveLength(2);
  });

  it('aborts neither exceed nor reduce the number that may be in flight', async () => {
    const step = fc.constantFrom('ask', 'abort', 'release', 'pass');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), async (few, steps) => {
        const limiter = limiterOf(FAST);
        askOften(limiter, few, ['a']);
        await limiter.pass(1);
        limiter.slowDown('a', 'global-concurrency');
        for (const { release } of limiter.sent) release();
        const size = Math.max(1, few);
        const held: (() => void)[] = [];
        const open: AbortController[] = [];
        for (const what of steps) {
          const before = limiter.sent.length;
          if (what === 'ask') {
            const controller = new AbortController();
            open.push(controller);
            limiter.ask('a', controller.signal);
          }
          if (what === 'abort') open.shift()?.abort(new Error('enough'));
          if (what === 'release') held.shift()?.();
          await limiter.pass(what === 'pass' ? 20 : 0);
          held.push(...limiter.sent.slice(before).map(({ release }) => release));
          expect(held.length).toBeLessThanOrEqual(size);
        }
        for (const controller of open) controller.abort();
        for (const release of held) release();
        await limiter.pass(1);
        const before = limiter.sent.length;
        limiter.ask('a');
        await limiter.pass(1);
        expect(limiter.sent.length - before).toBe(1);
        expect(limiter.timers.size).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});

describe('an abort', () => {
  it('an abort ends the wait with its reason, and leaves no timer behind', async () => {
    const limiter = limiterOf({ account: 50, endpoint: 0.001 });
    const controller = new AbortController();
    limiter.ask('a');
    const waiting = limiter.take('a', controller.signal);
    await limiter.pass(10);
    expect(limiter.timers.size).toBe(1);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(limiter.take('b', controller.signal)).rejects.toThrow('enough');
    await limiter.pass(10);
    expect(limiter.timers.size).toBe(0);
  });

  it('an aborted request takes no turn from the requests behind it', async () => {
    const limiter = limiterOf();
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    askOften(limiter, 20, ['a']);
    for (let asked = 0; asked < 100; asked += 1) limiter.ask('a', controller.signal);
    limiter.ask('a');
    await limiter.pass(10);
    controller.abort();
    await limiter.pass(1_100);
    expect(limiter.sent.at(-1)?.name).toBe(120);
  });
});

describe('delayMs', () => {
  it('delayMs is how long the next request waits, and reserves nothing', async () => {
    const limiter = limiterOf();
    askOften(limiter, 30, ['a']);
    await limiter.pass(0);
    const told = limiter.delayMs('a');
    expect(limiter.delayMs('a')).toBe(told);
    limiter.ask('a');
    await limiter.pass(5000);
    expect(limiter.sent.at(-1)?.name).toBe(30);
    expect(Math.abs((limiter.sent.at(-1)?.at ?? 0) - 10_000 - told)).toBeLessThanOrEqual(60);
  });

  it('delayMs is 0 for an endpoint that no other request waits for', async () => {
    const limiter = limiterOf();
    askOften(limiter, 30, ['a']);
    await limiter.pass(60);
    expect(limiter.delayMs('a')).toBeGreaterThan(1000);
    expect(limiter.delayMs('b')).toBe(0);
  });

  it('delayMs counts every request that waits for the account, whatever its endpoint', async () => {
    const limiter = limiterOf({ account: 10, endpoint: 1000 });
    askOften(limiter, 21, ['a', 'b']);
    await limiter.pass(0);
    expect(limiter.delayMs('c')).toBeGreaterThanOrEqual(1900);
  });
});
