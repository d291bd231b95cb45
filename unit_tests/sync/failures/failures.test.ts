import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/protocol/errors.js';
import { StripeError } from '../../../src/stripe/errors.js';
import { Failures } from '../../../src/sync/failures/failures.js';

function messagesOf(failures: Failures): readonly string[] {
  return failures.traces.map(({ message }) => message);
}

describe('the failures of a sync', () => {
  it('failures are told with the most actionable one first, which counts the others', () => {
    const failures = new Failures();
    failures.note({ name: 'a' }, new Error('a defect'));
    failures.note({ name: 'b' }, new StripeError('transient', 'HTTP 503'));
    failures.note({ name: 'c', namespace: 'n' }, new StripeError('permission', 'HTTP 403'));
    failures.note({ name: 'd' }, new ConfigError('The state is odd.'));
    expect(failures.traces.map((trace) => [trace.stream_descriptor, trace.failure_type])).toEqual([
      [{ name: 'c', namespace: 'n' }, 'config_error'],
      [{ name: 'd' }, 'config_error'],
      [{ name: 'b' }, 'transient_error'],
      [{ name: 'a' }, 'system_error'],
    ]);
    expect(messagesOf(failures)[0]).toMatch(/^c: .* 3 other streams failed, too: a, b, d\.$/);
    expect(messagesOf(failures).slice(1).join()).not.toContain('other stream');
  });

  it('what ends the sync is one failure of all streams, and any other error is one for each stream', () => {
    const failures = new Failures();
    const revoked = new StripeError('forbidden', 'HTTP 403');
    expect(['a', 'b', 'c'].map((name) => failures.note({ name }, revoked))).toEqual([true, false, false]);
    const refused = new StripeError('request', 'HTTP 400');
    expect(['d', 'e'].map((name) => failures.note({ name }, refused))).toEqual([true, true]);
    expect(failures.traces.map((trace) => trace.stream_descriptor)).toEqual([undefined, { name: 'd' }, { name: 'e' }]);
    expect(messagesOf(failures)[0]).toContain('4 other streams failed, too: b, c, d, e.');
  });

  it('a failure that is alone counts no others', () => {
    const failures = new Failures();
    failures.note({ name: 'a' }, new StripeError('transient', 'HTTP 503'));
    expect(messagesOf(failures).join()).not.toContain('other');
  });

  it('failures of very many streams are counted, and some of them named', () => {
    const failures = new Failures();
    for (let n = 0; n < 40; n += 1) failures.note({ name: `s${n}` }, new StripeError('transient', 'HTTP 503'));
    expect(messagesOf(failures)[0]).toMatch(/39 other streams failed, too: s1, s2, .*s10, …\.$/);
  });
});
