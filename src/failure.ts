import { ConfigError } from './protocol/errors.js';
import type { FailureType, TraceError } from './protocol/messages.js';
import { StripeError, type StripeErrorKind } from './stripe/errors.js';

/** What to tell the user about an error of one kind. */
interface Advice {
  readonly failure_type: FailureType;
  readonly problem: string;
  readonly remedy: string;
  /** What to do when `check` meets the error, because there is no sync to run again. Default: `remedy`. */
  readonly remedyInCheck?: string;
}

const LATER = 'Try again later.';

const ADVICE: Readonly<Record<StripeErrorKind, Advice>> = {
  authentication: {
    failure_type: 'config_error',
    problem: 'Stripe does not accept the API key',
    remedy: 'Check api_key.',
  },
  forbidden: {
    failure_type: 'config_error',
    problem: 'Stripe does not let this key read this account',
    remedy:
      "Check account_id: it must be connected to the platform that the key belongs to, in the key's mode (live or test), " +
      'and must not have revoked access.',
  },
  permission: {
    failure_type: 'config_error',
    problem: 'The API key lacks a permission',
    remedy: "Grant it in Stripe's Dashboard (Developers, API keys), or leave the stream out.",
  },
  uncontrolled: {
    failure_type: 'config_error',
    problem: 'Stripe shows this only to the platform that controls the account',
    remedy: 'Leave the stream out.',
  },
  request: {
    failure_type: 'config_error',
    problem: 'Stripe refused a request',
    remedy: 'Check api_version, expand and api_base in the configuration.',
  },
  transient: {
    failure_type: 'transient_error',
    problem: 'Stripe gave no usable answer',
    remedy: 'Run the sync again: it continues from the last state.',
    remedyInCheck: LATER,
  },
  unavailable: {
    failure_type: 'config_error',
    problem: 'The account does not have this product',
    remedy: 'Leave the stream out.',
  },
  not_found: {
    failure_type: 'system_error',
    problem: 'Stripe no longer finds what it listed before',
    remedy: 'Run the sync again.',
    remedyInCheck: LATER,
  },
  no_items: {
    failure_type: 'system_error',
    problem: 'Stripe has lost the items of an object',
    remedy: 'Run the sync again.',
    remedyInCheck: LATER,
  },
  limited: {
    failure_type: 'transient_error',
    problem: "Stripe's rate limit was reached again and again",
    remedy:
      'Run the sync again: it continues from the last state. Other integrations may use the same limit: lower requests_per_second.',
    remedyInCheck: `${LATER} Other integrations may use the same limit: lower requests_per_second.`,
  },
  untrusted: {
    failure_type: 'config_error',
    problem: 'The certificate of the server is not trusted',
    remedy:
      "If your company's own authority signed it, put that authority's certificate into a file and name that file in the " +
      'environment variable NODE_EXTRA_CA_CERTS.',
  },
  cursor: {
    failure_type: 'system_error',
    problem: 'Stripe lost the position in a list',
    remedy: 'Run the sync again.',
    remedyInCheck: LATER,
  },
};

/** What to tell the user about an error: what failed, on which stream (if it was one), and what to do. */
export function traceOf(error: unknown, stream?: string): Omit<TraceError, 'stream_descriptor'> {
  const where = stream === undefined ? '' : `${stream}: `;
  if (error instanceof StripeError) {
    const { failure_type, problem, remedy } = ADVICE[error.kind];
    return { failure_type, message: `${where}${problem}. ${sentence(error.message)} ${remedy}` };
  }
  if (error instanceof ConfigError) return { failure_type: 'config_error', message: error.message };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    failure_type: 'system_error',
    message: `${where}Something went wrong inside the connector: ${message}`,
    internal_message: message,
    ...(stack === undefined ? {} : { stack_trace: stack }),
  };
}

const TRIED_AGAIN = 'They stay in the state, and the next sync tries them again.';

/** What to tell the user about the objects of a stream that could not be read while others could. */
export function traceOfMisses({ descriptor, definition, misses }: Missed): Omit<TraceError, 'stream_descriptor'> {
  const [error] = [...misses.errors].sort((a, b) => byUse(ADVICE[a.kind], ADVICE[b.kind]));
  if (!error) return traceOf(new Error('Nothing was missed.'), descriptor.name);
  const { failure_type, problem, remedy } = ADVICE[error.kind];
  const of = definition.parent ? ` of the ${definition.parent.stream.name}` : '';
  const what = misses.isNothingRead
    ? `none of the first ${misses.count} could be read`
    : `${misses.count}${of} could not be read, but the others were`;
  // Stripe answers the same request for the others, so the remedy for a bad request does not help.
  const advice = misses.isNothingRead ? remedy : error.kind === 'request' ? TRIED_AGAIN : `${remedy} ${TRIED_AGAIN}`;
  const message = `${descriptor.name}: ${what} (${misses.ids}). ${problem}. ${sentence(error.message)} ${advice}`;
  return { failure_type, message };
}

interface Missed {
  readonly descriptor: { readonly name: string };
  /** `parent` is there for a child stream. */
  readonly definition: { readonly parent?: { readonly stream: { readonly name: string } } };
  readonly misses: {
    readonly count: number;
    readonly isNothingRead: boolean;
    readonly ids: string;
    readonly errors: readonly StripeError[];
  };
}

/** First what the user can mend, then what time may mend. */
const MOST_ACTIONABLE_FIRST: readonly FailureType[] = ['config_error', 'transient_error', 'system_error'];

/** Compares two errors for a sort that puts the most actionable one first. */
export function byUse(a: Pick<TraceError, 'failure_type'>, b: Pick<TraceError, 'failure_type'>): number {
  return MOST_ACTIONABLE_FIRST.indexOf(a.failure_type) - MOST_ACTIONABLE_FIRST.indexOf(b.failure_type);
}

/** What `check` tells the user about an error. Nothing has been read yet, so there is no sync to continue. */
export function checkMessageOf(error: StripeError | ConfigError, stream?: string): string {
  if (error instanceof ConfigError) return error.message;
  const { problem, remedy, remedyInCheck = remedy } = ADVICE[error.kind];
  const where = stream === undefined ? '' : `${stream}: `;
  return `${where}${problem}. ${sentence(error.message)} ${remedyInCheck}`;
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
