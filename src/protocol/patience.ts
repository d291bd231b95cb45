/** What a reader has taken of our output, as far as the pipe knows. */
export interface Intake {
  /** Bytes that the pipe has accepted so far. */
  readonly accepted: number;
  /** Whether there are bytes that it has not accepted. */
  readonly isPending: boolean;
}

/** Without progress for so long, the reader counts as gone. */
const STALLED_MS = 5_000;

/** Orchestrators kill 10 s after they asked: by then we are gone, however steadily the reader takes. */
const STOP_WITHIN_MS = 8_000;

/**
 * Begins to wait for a reader to take what is left for it. Returns whether to give up, to be asked several times a second.
 * `now` are milliseconds of any clock that does not go back.
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
