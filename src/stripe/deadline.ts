/** A limit for how long something may take, within something larger that can be aborted. */
export interface Deadline {
  /** Aborted when the time has passed, and together with the larger one. */
  readonly signal: AbortSignal;
  readonly hasPassed: () => boolean;
  /** To be called when the deadline does not matter any more: leaves neither timer nor listener behind. */
  readonly clear: () => void;
}

/**
 * Begins now. `AbortSignal.any` would do the same, but leaves something behind at a source that lives long
 * (nodejs/node#55351, 2024-10).
 */
export function startDeadline(ms: number, outer: AbortSignal): Deadline {
  const controller = new AbortController();
  let hasPassed = false;
  const pass = () => {
    hasPassed = true;
    controller.abort();
  };
  const follow = () => controller.abort(outer.reason);
  const timer = setTimeout(pass, ms);
  outer.addEventListener('abort', follow, { once: true });
  if (outer.aborted) follow();

  return {
    signal: controller.signal,
    hasPassed: () => hasPassed,
    clear: () => {
      clearTimeout(timer);
      outer.removeEventListener('abort', follow);
    },
  };
}
