/** Stripe's refusals because of one limit, and what they tell about where that limit is. */
export interface Refusals {
  /** A request that counts towards the limit is sent now. */
  readonly noteSent: () => void;
  /**
   * Stripe refused a request because of the limit. Returns the share of the present allowance to keep: 1 within a
   * second of the last cut, because Stripe counts afresh each second and refuses a whole burst at once, which is one
   * event.
   */
  readonly noteRefused: () => number;
}

const EVENT_MS = 1000;
/** A cut keeps at most this share of the allowance. */
const GENTLE = 0.95;
/** A cut keeps at least this share of the allowance. */
const HARSH = 0.5;

/**
 * The first refusal costs little, because stray ones occur near the limit. If that cut was not enough, the next one
 * keeps the share of the requests that Stripe has accepted since, not counting the latest refusal: the real limit
 * lies below the present allowance by about that factor.
 */
export function createRefusals(now: () => number): Refusals {
  let cutAt = Number.NEGATIVE_INFINITY;
  let sent = 0;
  let refused = 0;

  return {
    noteSent: () => {
      sent += 1;
    },
    noteRefused: () => {
      refused += 1;
      if (now() - cutAt < EVENT_MS) return 1;
      const accepted = 1 - (refused - 1) / Math.max(sent, 1);
      [cutAt, sent, refused] = [now(), 0, 0];
      return Math.min(GENTLE, Math.max(HARSH, accepted));
    },
  };
}
