/** How much of our output a reader has taken, as far as the pipe knows. */
export interface Intake {
  /** Bytes that the pipe has accepted so far. */
  readonly accepted: number;
  /** Whether there are bytes that the pipe has not accepted yet. */
  readonly isPending: boolean;
}

/** A reader that makes no progress for this long counts as gone. */
const STALLED_MS = 5_000;

/** Orchestrators kill a process 10 s after they told it to stop: it gives up before, however steadily the reader reads. */
const STOP_WITHIN_MS = 8_000;

/**
 * Begins to wait for a reader to take the rest of the output. The returned function says whether to give up, and has to be
 * called several times a second. `now` gives the milliseconds of any clock that never goes back.
 */
export function waitForReader(intake: () => Intake, now: () => number): () => boolean {
  const beganAt = now();
  let movedAt = beganAt;
  let { accepted } = intake();
  return () => {
    const at = now();
    const latest = intake();
    if (!latest.isPending || latest.accepted !== accepted) movedAt = at;
    accepted = latest.accepted;
    return at - movedAt >= STALLED_MS || at - beganAt >= STOP_WITHIN_MS;
  };
}
