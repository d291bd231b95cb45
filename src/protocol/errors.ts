/** Something that only the user can mend: a file, a setting, a catalog, a state. The message says what, and how. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The reader of our output went away or cannot store it. No message can reach it any more. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  /** True when the reader simply closed its end, which need not be reported. */
  readonly readerGone: boolean;

  constructor(cause: NodeJS.ErrnoException) {
    super(`Cannot write to stdout: ${cause.code ?? cause.message}`, { cause });
    this.readerGone = cause.code === 'EPIPE' || cause.code === 'ERR_STREAM_DESTROYED';
  }
}
