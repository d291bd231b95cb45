import { describe, expect, it } from 'vitest';
import { createGate } from '../../../src/stripe/limits/gate.js';

/** A gate with requests in flight. */
function gateWith(inFlight: number) {
  let now = 0;
  const gate = createGate(() => now);
  for (let entered = 0; entered < inFlight; entered += 1) gate.enter();
  return {
    ...gate,
    pass: (ms: number) => {
      now += ms;
    },
    /** Stripe refuses one of the requests in flight. */
    refuse: () => {
      gate.leave();
      gate.shrink();
    },
  };
}

describe('a gate', () => {
  it('a gate is never full before Stripe has refused a request', () => {
    expect(gateWith(10_000).isFull(10_000)).toBe(false);
  });

  it('a gate that has shrunk lets in fewer requests than were in flight', () => {
    const gate = gateWith(20);
    gate.refuse();
    expect(gate.isFull()).toBe(true);
    gate.leave();
    expect([gate.isFull(), gate.isFull(1)]).toEqual([false, true]);
  });

  it('a gate always lets in one request', () => {
    const gate = gateWith(1);
    gate.refuse();
    expect(gate.isFull()).toBe(false);
  });

  it('a gate lets in one more request every two seconds, until it is unlimited again', () => {
    const gate = gateWith(20);
    gate.refuse();
    gate.pass(1999);
    expect(gate.isFull()).toBe(true);
    gate.pass(1);
    expect([gate.isFull(), gate.isFull(1)]).toEqual([false, true]);
    gate.pass(2000);
    expect(gate.isFull(10_000)).toBe(false);
  });

  it('a burst of refusals shrinks a gate only once', () => {
    const gate = gateWith(20);
    for (const _ of [1, 2, 3]) gate.refuse();
    expect([gate.isFull(1), gate.isFull(2)]).toEqual([false, true]);
  });
});
