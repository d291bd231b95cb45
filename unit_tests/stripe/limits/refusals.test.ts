import { describe, expect, it } from 'vitest';
import { createRefusals } from '../../../src/stripe/limits/refusals.js';

function refusalsOf() {
  let now = 0;
  const refusals = createRefusals(() => now);
  return {
    ...refusals,
    pass: (ms: number) => {
      now += ms;
    },
    send: (count: number) => {
      for (let sent = 0; sent < count; sent += 1) refusals.noteSent();
    },
  };
}

describe('refusals', () => {
  it('the first refusal keeps nearly all of the allowance', () => {
    const refusals = refusalsOf();
    refusals.send(1);
    expect(refusals.noteRefused()).toBe(0.95);
  });

  it('further refusals within a second of a cut do not cut again', () => {
    const refusals = refusalsOf();
    refusals.noteRefused();
    refusals.pass(999);
    expect(refusals.noteRefused()).toBe(1);
  });

  it('a later refusal keeps the share of the requests that Stripe has accepted since the cut', () => {
    const refusals = refusalsOf();
    refusals.noteRefused();
    refusals.send(10);
    for (const _ of [1, 2, 3]) refusals.noteRefused();
    refusals.pass(1000);
    expect(refusals.noteRefused()).toBeCloseTo(0.7);
  });

  it('a cut keeps at least half of the allowance, even if Stripe has refused everything', () => {
    const refusals = refusalsOf();
    refusals.noteRefused();
    refusals.send(3);
    for (const _ of [1, 2, 3]) refusals.noteRefused();
    refusals.pass(1000);
    expect(refusals.noteRefused()).toBe(0.5);
  });

  it('each cut starts to count afresh', () => {
    const refusals = refusalsOf();
    refusals.send(4);
    for (const _ of [1, 2, 3]) refusals.noteRefused();
    refusals.pass(1000);
    refusals.noteRefused();
    refusals.send(100);
    refusals.pass(1000);
    expect(refusals.noteRefused()).toBe(0.95);
  });
});
