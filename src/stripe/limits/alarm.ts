import type { Clock } from './clock.js';

/** Calls back at a time that can be changed while it waits. */
export interface Alarm {
  /**
   * Rings once, at this time or a little earlier; `Infinity` turns the alarm off. A time later than the one already set
   * is ignored, because whoever is called back sets the next one.
   */
  readonly set: (at: number) => void;
}

/** An alarm that is off. It leaves no timer behind once it is off again. */
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
