import type { Clock } from './limiter.js';

export interface Alarm {
  /** Rings once, at this time or before; Infinity: not at all. What was set before is forgotten unless it is earlier. */
  readonly set: (at: number) => void;
}

/** A timer that leaves nothing behind when it is not needed any more. */
export function createAlarm({ now, sleep }: Clock, ring: () => void): Alarm {
  let at = Number.POSITIVE_INFINITY;
  let sleeping = new AbortController();

  async function wake(): Promise<void> {
    const { signal } = sleeping;
    await sleep(Math.max(0, Math.ceil(at - now())), signal);
    if (signal.aborted) return;
    at = Number.POSITIVE_INFINITY;
    ring();
  }

  return {
    set: (time) => {
      if (time === at || (time > at && time !== Number.POSITIVE_INFINITY)) return;
      sleeping.abort();
      sleeping = new AbortController();
      at = time;
      if (at !== Number.POSITIVE_INFINITY) wake().catch(() => {});
    },
  };
}
