import { byUse, traceOf } from '../../failure.js';
import { ConfigError } from '../../protocol/errors.js';
import type { StreamDescriptor, TraceError } from '../../protocol/messages.js';
import { endsTheSync } from './reaction.js';

/** Enough to know which. */
const NAMES_TOLD = 10;

interface Failure {
  readonly cause: unknown;
  readonly trace: TraceError;
  readonly streams: StreamDescriptor[];
}

/**
 * What failed in a sync. Some readers stop at the first TRACE ERROR and lose what comes after it (tap-airbyte-wrapper,
 * airbyte-serverless), so these are written when all streams have ended. Older platforms show the first one alone, so that
 * is the most actionable one, and it says what else failed.
 */
export class Failures {
  readonly #failures: Failure[] = [];

  get isEmpty(): boolean {
    return this.#failures.length === 0;
  }

  /** Notes why a stream failed. False when the same thing was noted before of another stream: it is one failure. */
  note(stream: StreamDescriptor, cause: unknown, trace: TraceError = traceOf(cause, stream.name)): boolean {
    const known = this.#failures.find((failure) => isSame(failure.cause, cause));
    if (known) known.streams.push(stream);
    else this.#failures.push({ cause, trace, streams: [stream] });
    return known === undefined;
  }

  /** The errors to write at the end. One that failed several streams has no stream of its own. */
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
    const told = names.slice(0, NAMES_TOLD).map(({ name }) => name);
    const rest = names.length > told.length ? ', …' : '';
    const streams = names.length === 1 ? '1 other stream' : `${names.length} other streams`;
    return ` ${streams} failed, too: ${told.join(', ')}${rest}.`;
  }
}

/** What ends the sync is one failure of all streams, and so is what a user has to mend once for all of them. */
function isSame(one: unknown, other: unknown): boolean {
  if (one instanceof ConfigError && other instanceof ConfigError) return one.message === other.message;
  return one === other && endsTheSync(one);
}
