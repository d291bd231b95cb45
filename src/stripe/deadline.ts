/** Limits how long a step may take, within a larger task that can be aborted. */
export interface Deadline {
  /** Aborted when the time has passed, or when the larger task is aborted. */
  readonly signal: AbortSignal;
  /** Whether the time has passed; false if the larger task was aborted first. */
  readonly hasPassed: () => boolean;
  /** Call this when the deadline no longer matters: it removes the timer and the listener. */
  readonly clear: () => void;
}

/**
 * Starts a deadline that passes in `ms` milliseconds. `AbortSignal.any` would do the same, but leaks memory at a source
 * that lives long (nodejs/node#55351, 2024-10).
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
