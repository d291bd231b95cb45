import { AxiosError, AxiosHeaders, type AxiosResponse } from 'axios';
import { describe, expect, it } from 'vitest';
import { describeFailure, failureOf, headerOf, LATE, requireObject, stripeErrorOf } from '../../src/stripe/answers.js';

const CONFIG = { headers: new AxiosHeaders() };

function answer(status: number, data?: unknown, headers: Readonly<Record<string, string>> = {}): AxiosResponse {
  return { status, data, headers, statusText: '', config: CONFIG };
}

function failureWith(response: AxiosResponse): AxiosError {
  return new AxiosError('not shown', AxiosError.ERR_BAD_REQUEST, CONFIG, undefined, response);
}

function silence(code?: string, message = 'not shown'): AxiosError {
  return new AxiosError(message, code, CONFIG);
}

describe('headers and bodies', () => {
  it('a header is found by its name in lower case', () => {
    expect(headerOf(answer(200, {}, { date: 'today' }), 'date')).toBe('today');
    expect(headerOf(answer(200, {}), 'date')).toBeUndefined();
  });

  it.each([[null], ['text'], [7], [undefined]])('a body that is %j is not accepted as a JSON object', (body) => {
    expect(() => requireObject(answer(200, body))).toThrow(AxiosError);
  });

  it('a body that is an object is passed on', () => {
    const whole = answer(200, { object: 'list' });
    expect(requireObject(whole)).toBe(whole);
  });
});

describe('failureOf', () => {
  it('the retry of a refusal is decided by its status, the code in its body and its headers', () => {
    const headers = { 'retry-after': '2', 'stripe-should-retry': 'true' };
    const refused = failureWith(answer(429, { error: { code: 'lock_timeout' } }, headers));
    expect(failureOf(refused)).toEqual({ status: 429, code: 'lock_timeout', retryAfter: '2', shouldRetry: 'true' });
  });

  it('the retry of an attempt without an answer is decided by the network error', () => {
    expect(failureOf(silence('ECONNRESET'))).toEqual({ code: 'ECONNRESET' });
  });

  it.each([
    ['<html>'],
    [null],
    [{ error: 'text' }],
    [{ error: null }],
    [{ error: { code: 7 } }],
  ])('the body %j does not contain a code', (body) => {
    expect(failureOf(failureWith(answer(400, body))).code).toBeUndefined();
  });
});

describe('describeFailure', () => {
  it.each([
    ['no answer (ECONNRESET)', silence('ECONNRESET')],
    ['no answer (unknown reason)', silence()],
    ['an answer that is too large', silence(AxiosError.ERR_BAD_RESPONSE)],
    ['no data received for 80 s', silence(AxiosError.ECONNABORTED, 'no data received for 80 s')],
    ['no complete answer within 300 s', silence(LATE, 'no complete answer within 300 s')],
    ['HTTP 200 with a body that was cut off', failureWith(answer(200))],
    [
      'HTTP 200 with a body that is not JSON (text/html)',
      failureWith(answer(200, 'secret', { 'content-type': 'text/html' })),
    ],
    ['HTTP 200 with a body that is not JSON (no type)', failureWith(answer(200, 'secret'))],
    ['HTTP 503', failureWith(answer(503, '<html>'))],
    ['HTTP 404: No such charge.', failureWith(answer(404, { error: { message: 'No such charge.' } }))],
    [
      'HTTP 404: No such charge. [request req_1]',
      failureWith(answer(404, { error: { message: 'No such charge.' } }, { 'request-id': 'req_1' })),
    ],
    [`HTTP 400: ${'x'.repeat(500)}`, failureWith(answer(400, { error: { message: 'x'.repeat(501) } }))],
  ])('a failed attempt is described as "%s"', (words, error) => {
    expect(describeFailure(error)).toBe(words);
  });
});

describe('stripeErrorOf', () => {
  const request = { path: '/v1/charges', apiBase: 'https://api.stripe.com', retries: 2 };
  const asked = 'GET /v1/charges at https://api.stripe.com: ';

  it.each([
    ['limited', 'HTTP 429 (after 2 retries)', failureWith(answer(429))],
    ['transient', 'HTTP 503 (after 2 retries)', failureWith(answer(503))],
    ['transient', 'no answer (ECONNRESET) (after 2 retries)', silence('ECONNRESET')],
    ['transient', 'HTTP 200 with a body that was cut off (after 2 retries)', failureWith(answer(200))],
    ['authentication', 'HTTP 401 (after 2 retries)', failureWith(answer(401, {}, { 'stripe-should-retry': 'true' }))],
    ['permission', 'HTTP 403 (after 2 retries)', failureWith(answer(403, {}, { 'stripe-should-retry': 'true' }))],
    ['transient', 'HTTP 400 (after 2 retries)', failureWith(answer(400, {}, { 'stripe-should-retry': 'true' }))],
    ['untrusted', 'no answer (CERT_HAS_EXPIRED)', silence('CERT_HAS_EXPIRED')],
    ['request', 'no answer (ERR_UNESCAPED_CHARACTERS)', silence('ERR_UNESCAPED_CHARACTERS')],
    ['request', 'HTTP 302. Redirects are not followed.', failureWith(answer(302))],
    ['authentication', 'HTTP 401', failureWith(answer(401))],
    ['not_found', 'HTTP 404', failureWith(answer(404, { error: { code: 'resource_missing' } }))],
    ['cursor', 'HTTP 400', failureWith(answer(400, { error: { param: 'starting_after' } }))],
  ])('a request fails as "%s" if its last attempt ended in "%s"', (kind, words, error) => {
    expect(stripeErrorOf(error, request)).toMatchObject({ kind, message: `${asked}${words}` });
  });

  it.each([
    [0, 'not retried'],
    [1, 'after 1 retry'],
    [15, 'after 15 retries'],
  ])('the number of retries %i is described as "%s"', (retries, words) => {
    expect(stripeErrorOf(silence('ECONNRESET'), { ...request, retries }).message).toMatch(
      new RegExp(` \\(${words}\\)$`),
    );
  });

  it('a refusal of platform data is about the account in the header only if there was one', () => {
    const refused = failureWith(answer(403, { error: { code: 'platform_account_required' } }));
    expect(stripeErrorOf(refused, request).kind).toBe('unavailable');
    expect(stripeErrorOf(refused, { ...request, account: 'acct_1' }).kind).toBe('forbidden');
  });

  it("an error keeps Stripe's words if Stripe refused, and nothing if it did not answer with a refusal", () => {
    const refused = failureWith(answer(404, { error: { message: 'No such charge.' } }));
    expect(stripeErrorOf(refused, request).answer).toEqual({ status: 404, said: 'No such charge.' });
    expect(stripeErrorOf(failureWith(answer(503, '<html>')), request).answer).toEqual({ status: 503, said: '' });
    for (const other of [silence('ECONNRESET'), failureWith(answer(200)), failureWith(answer(302))]) {
      expect(stripeErrorOf(other, request).answer).toBeUndefined();
    }
  });
});
