import { ConfigError } from '../protocol/errors.js';
import type { FailureType, TraceError } from '../protocol/messages.js';
import { StripeError, type StripeErrorKind } from '../stripe/errors.js';

interface Reaction {
  readonly failure_type: FailureType;
  readonly problem: string;
  readonly remedy: string;
  /** What to do when `check` meets it, where there is no sync to run again. Default: the same. */
  readonly remedyInCheck?: string;
}

const LATER = 'Try again later.';

const REACTIONS: Readonly<Record<StripeErrorKind, Reaction>> = {
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
    problem: 'Stripe shows this to the platform that controls the account only',
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
    remedy: 'Run the sync again: it goes on from the last state.',
    remedyInCheck: LATER,
  },
  unavailable: {
    failure_type: 'config_error',
    problem: 'The account does not have this product',
    remedy: 'Leave the stream out.',
  },
  not_found: {
    failure_type: 'system_error',
    problem: 'Stripe does not find what it listed before',
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
      'Run the sync again: it goes on from the last state. Other integrations may use the limit, too: lower requests_per_second.',
    remedyInCheck: `${LATER} Other integrations may use the limit, too: lower requests_per_second.`,
  },
  untrusted: {
    failure_type: 'config_error',
    problem: 'The certificate of the server is not trusted',
    remedy:
      "If your company's own authority signed it, put that authority's certificate into a file and name it in the " +
      'environment variable NODE_EXTRA_CA_CERTS.',
  },
  cursor: {
    failure_type: 'system_error',
    problem: 'Stripe lost the place in a list',
    remedy: 'Run the sync again.',
    remedyInCheck: LATER,
  },
};

/** What to tell the user about an error: what failed, on what (`stream`, if one), what to do. */
export function traceOf(error: unknown, stream?: string): Omit<TraceError, 'stream_descriptor'> {
  const where = stream === undefined ? '' : `${stream}: `;
  if (error instanceof StripeError) {
    const { failure_type, problem, remedy } = REACTIONS[error.kind];
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

/** The same for `check`: nothing was read yet, so that there is no sync to go on with. */
export function checkMessageOf(error: StripeError | ConfigError, stream?: string): string {
  if (error instanceof ConfigError) return error.message;
  const { problem, remedy, remedyInCheck = remedy } = REACTIONS[error.kind];
  const where = stream === undefined ? '' : `${stream}: `;
  return `${where}${problem}. ${sentence(error.message)} ${remedyInCheck}`;
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
