import { createRefusals } from './refusals.js';

/** Limits how many requests are in flight. */
export interface Gate {
  /** Whether a request would have to wait if `ahead` others entered before it. */
  readonly isFull: (ahead?: number) => boolean;
  /** A request is sent now; `leave` follows. */
  readonly enter: () => void;
  readonly leave: () => void;
  /** Stripe refused a request, which has left already, because too many were in flight. */
  readonly shrink: () => void;
}

/** After this time without a refusal, the gate lets one more request in. */
const GROWTH_MS = 2000;

/**
 * Unlimited until Stripe refuses a request. The gate then lets in a part of the number that were in flight, at least
 * one, and later one more at a time. Once it would let in more than were ever in flight, it is unlimited again.
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
    const kept = refusals.noteRefused();
    if (kept === 1) return;
    const used = Math.min(inFlight + 1, current());
    most = current() === Number.POSITIVE_INFINITY ? used : most;
    size = Math.max(1, Math.floor(used * kept));
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
