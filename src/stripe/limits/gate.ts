import { createRefusals } from './refusals.js';

/** Places for requests in flight. */
export interface Gate {
  /** Whether there is no place for a request that `ahead` others go before. */
  readonly isFull: (ahead?: number) => boolean;
  readonly enter: () => void;
  readonly leave: () => void;
  /** Stripe refused a request, which has left already, because too many were in flight. */
  readonly shrink: () => void;
}

/** After so much time without a refusal there is one more place. */
const GROWTH_MS = 2000;

/**
 * Unlimited until Stripe says otherwise. Then it keeps a part of the places that were in use, at least one, and gets back
 * one after the other until it has as many as ever were in use; then it is unlimited again.
 */
export function createGate(now: () => number): Gate {
  const refusals = createRefusals(now);
  let inFlight = 0;
  let most = 0;
  let size = Number.POSITIVE_INFINITY;
  let shrunkAt = now();

  function current(): number {
    const grown = size + Math.floor((now() - shrunkAt) / GROWTH_MS);
    return grown > most ? Number.POSITIVE_INFINITY : grown;
  }

  function shrink(): void {
    const left = refusals.noteRefused();
    if (left === 1) return;
    const used = Math.min(inFlight + 1, current());
    most = current() === Number.POSITIVE_INFINITY ? used : most;
    size = Math.max(1, Math.floor(used * left));
    shrunkAt = now();
  }

  return {
    isFull: (ahead = 0) => inFlight + ahead >= current(),
    enter: () => {
      inFlight += 1;
      refusals.noteSent();
    },
    leave: () => {
      inFlight -= 1;
    },
    shrink,
  };
}
