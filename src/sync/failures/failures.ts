import { byUse, traceOf } from '../../failure.js';
import { ConfigError } from '../../protocol/errors.js';
import type { StreamDescriptor, TraceError } from '../../protocol/messages.js';
import { endsTheSync } from './reaction.js';

/** Enough names to see what failed. */
const MOST_NAMES = 10;

interface Failure {
  readonly cause: unknown;
  readonly trace: TraceError;
  readonly streams: StreamDescriptor[];
}

/**
 * What failed in a sync. Some readers stop at the first TRACE ERROR and lose what comes after it (tap-airbyte-wrapper,
 * airbyte-serverless), so the errors are written when all streams have ended. Older platforms show only the first
 * error, so it is the most actionable one and says what else failed.
 */
export class Failures {
  readonly #failures: Failure[] = [];

  get isEmpty(): boolean {
    return this.#failures.length === 0;
  }

  /** Notes why a stream failed. False if another stream failed for the same reason: the two are one failure. */
  note(stream: StreamDescriptor, cause: unknown, trace: TraceError = traceOf(cause, stream.name)): boolean {
    const known = this.#failures.find((failure) => isSame(failure.cause, cause));
    if (known) known.streams.push(stream);
    else this.#failures.push({ cause, trace, streams: [stream] });
    return known === undefined;
  }

  /** The errors to write at the end. An error of several streams has no `stream_descriptor`. */
  get traces(): readonly TraceError[] {
    const sorted = [...this.#failures].sort((a, b) => byUse(a.trace, b.trace));
    return sorted.map(({ trace, streams: [stream, ...more] }, index) => ({
      ...trace,
      message: index === 0 ? `${trace.message}${this.#others(stream)}` : trace.message,
      ...(stream === undefined || more.length > 0 ? {} : { stream_descriptor: stream }),
    }));
  }

  #others(first: StreamDescriptor | undefined): string {
    const names = this.#failures.flatMap(({ streams }) => streams).filter((stream) => stream !== first);
    if (names.length === 0) return '';
    const told = names.slice(0, MOST_NAMES).map(({ name }) => name);
    const rest = names.length > told.length ? ', …' : '';
    const streams = names.length === 1 ? '1 other stream' : `${names.length} other streams`;
    return ` ${streams} failed, too: ${told.join(', ')}${rest}.`;
  }
}

/** An error that ends the sync is one failure of all streams. So is one that the user fixes once for all of them. */
function isSame(one: unknown, other: unknown): boolean {
  if (one instanceof ConfigError && other instanceof ConfigError) return one.message === other.message;
  return one === other && endsTheSync(one);
}
