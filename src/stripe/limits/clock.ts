/** Time as an argument, in milliseconds. */
export interface Clock {
  /** Never goes back. Where it starts does not matter. */
  readonly now: () => number;
  /** Resolves after this delay, possibly a little late or early. Rejects when the signal is aborted. */
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<void>;
}
