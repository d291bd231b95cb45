/** What Stripe refuses for one limit, as far as it tells where the limit is. */
export interface Refusals {
  /** A request is sent that the limit counts. */
  readonly noteSent: () => void;
  /**
   * Stripe refused one. Gives the share of the present allowance that is to be left; 1 while the last cut could not yet
   * tell: a burst in flight is refused as a whole, and Stripe counts afresh each second, so that is one event.
   */
  readonly noteRefused: () => number;
}

const EVENT_MS = 1000;
/** The most and the least that is left by a cut. */
const GENTLE = 0.95;
const HARSH = 0.5;

/**
 * The first refusal costs little, for at the limit there are stray ones. If that was not enough, what is left is the part
 * that Stripe has let pass since, this last one aside: that is how far the real limit lies below the one in use.
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
      const passed = 1 - (refused - 1) / Math.max(sent, 1);
      [cutAt, sent, refused] = [now(), 0, 0];
      return Math.min(GENTLE, Math.max(HARSH, passed));
    },
  };
}
