import { describe, expect, it } from 'vitest';
import { byUse, checkMessageOf, traceOf, traceOfMisses } from '../src/failure.js';
import { ConfigError } from '../src/protocol/errors.js';
import type { FailureType } from '../src/protocol/messages.js';
import type { StreamDefinition } from '../src/streams/definition.js';
import { StripeError, type StripeErrorKind } from '../src/stripe/errors.js';

const charges: StreamDefinition = { name: 'charges', path: '/v1/charges', object: 'charge' };
const refunds: StreamDefinition = { ...charges, name: 'refunds', parent: { stream: charges } };

/** Who has to act on each kind of refusal, and a part of what they are told to do. */
const KINDS: Readonly<Record<StripeErrorKind, readonly [FailureType, string]>> = {
  authentication: ['config_error', 'Check api_key.'],
  forbidden: ['config_error', 'Check account_id'],
  permission: ['config_error', "Grant it in Stripe's Dashboard"],
  uncontrolled: ['config_error', 'Leave the stream out.'],
  unavailable: ['config_error', 'Leave the stream out.'],
  request: ['config_error', 'Check api_version, expand and api_base'],
  untrusted: ['config_error', 'NODE_EXTRA_CA_CERTS'],
  transient: ['transient_error', 'Run the sync again'],
  limited: ['transient_error', 'lower requests_per_second'],
  not_found: ['system_error', 'Run the sync again.'],
  no_items: ['system_error', 'Run the sync again.'],
  cursor: ['system_error', 'Run the sync again.'],
};

const EACH_KIND = Object.entries(KINDS).map(
  ([kind, [type, remedy]]) => [kind as StripeErrorKind, type, remedy] as const,
);

describe('the trace of an error', () => {
  it.each(EACH_KIND)('a refusal that is %s is a %s, and the user is told: %s', (kind, type, remedy) => {
    const { failure_type, message } = traceOf(new StripeError(kind, 'GET /v1/charges: HTTP 400'), 'charges');
    expect(failure_type).toBe(type);
    expect(message).toMatch(/^charges: [A-Z][^.]+\. GET \/v1\/charges: HTTP 400\. /);
    expect(message).toContain(remedy);
  });

  it('a refusal is told with one full stop after what Stripe said, and without a stream where it concerns none', () => {
    expect(traceOf(new StripeError('authentication', 'No.')).message).toBe(
      'Stripe does not accept the API key. No. Check api_key.',
    );
  });

  it('a ConfigError is told as it is, because it says what to do', () => {
    expect(traceOf(new ConfigError('Set api_key.'), 'charges')).toEqual({
      failure_type: 'config_error',
      message: 'Set api_key.',
    });
  });

  it('a defect is told with its stack, so that it can be reported', () => {
    const defect = new TypeError('x is not a function');
    expect(traceOf(defect, 'charges')).toEqual({
      failure_type: 'system_error',
      message: 'charges: Something went wrong inside the connector: x is not a function',
      internal_message: 'x is not a function',
      stack_trace: defect.stack,
    });
  });

  it('something that was thrown and is no error is told as its text', () => {
    expect(traceOf('odd').message).toBe('Something went wrong inside the connector: odd');
  });
});

describe('the trace of what a stream has missed', () => {
  const kinds = (...names: readonly StripeErrorKind[]) => names.map((kind) => new StripeError(kind, `It is ${kind}`));
  const missed = (definition: StreamDefinition, errors: readonly StripeError[], isNothingRead = false) => {
    const { name } = definition;
    return traceOfMisses({
      descriptor: { name },
      definition,
      misses: { count: 3, isNothingRead, ids: 'ch_1', errors },
    });
  };

  it('missed objects are counted and named, with the reason, and with what happens to them', () => {
    expect(missed(charges, kinds('request'))).toEqual({
      failure_type: 'config_error',
      message:
        'charges: 3 could not be read, but the others were (ch_1). Stripe refused a request. It is request. ' +
        'They stay in the state, and the next sync tries them again.',
    });
  });

  it('missed objects of a child are counted by their parents', () => {
    expect(missed(refunds, kinds('request')).message).toContain('refunds: 3 of the charges could not be read');
  });

  it('missed objects that the user can do something about are told with that', () => {
    const { message } = missed(charges, kinds('limited'));
    expect(message).toMatch(
      /lower requests_per_second\. They stay in the state, and the next sync tries them again\.$/,
    );
  });

  it('a stream of which each object was refused is not said to have others, nor to keep them', () => {
    const { message } = missed(charges, kinds('request'), true);
    expect(message).toContain('charges: none of the first 3 could be read (ch_1).');
    expect(message).toMatch(/Check api_version, expand and api_base in the configuration\.$/);
  });

  it('objects that were missed for several reasons are told with the most actionable one', () => {
    expect(missed(charges, kinds('cursor', 'transient', 'permission')).message).toContain('It is permission');
    expect(missed(charges, kinds('cursor', 'transient'))).toMatchObject({ failure_type: 'transient_error' });
  });
});

describe('the message of a check', () => {
  it.each(
    EACH_KIND.filter(([, type]) => type !== 'config_error'),
  )('a check that is refused as %s does not speak of a sync that goes on', (kind) => {
    const message = checkMessageOf(new StripeError(kind, 'HTTP 503'), 'charges');
    expect(message).toMatch(/^charges: .* HTTP 503\. Try again later\./);
    expect(message).not.toContain('Run the sync again');
  });

  it('a check that the user has to act on says the same as a sync', () => {
    const error = new StripeError('permission', 'HTTP 403');
    expect(checkMessageOf(error)).toBe(traceOf(error).message);
    expect(checkMessageOf(new ConfigError('Set api_key.'), 'charges')).toBe('Set api_key.');
  });
});

describe('the order of errors', () => {
  it('errors are sorted by who can act: the user, time, the developers', () => {
    const types = ['system_error', 'config_error', 'transient_error'] as const;
    const sorted = types.map((failure_type) => ({ failure_type })).sort(byUse);
    expect(sorted.map((each) => each.failure_type)).toEqual(['config_error', 'transient_error', 'system_error']);
  });
});
