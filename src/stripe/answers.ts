import { AxiosError, type AxiosResponse } from 'axios';
import type { ErrorBody } from './api.generated.js';
import { type Answer, kindOf, type Refusal, StripeError, type StripeErrorKind } from './errors.js';
import { type Failure, isRateLimit, isUntrusted, isWorthRetrying } from './retry.js';

/** Our own error code for an attempt that takes too long. Its error's message is meant for people. */
export const LATE = 'ERR_ANSWER_LATE';

/** A header of an answer; its name in lower case. */
export function headerOf({ headers }: AxiosResponse, name: string): string | undefined {
  const value: unknown = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** Throws if the body is valid JSON but not an object, because it is then as broken as one that cannot be parsed. */
export function requireObject(response: AxiosResponse): AxiosResponse {
  if (typeof response.data === 'object' && response.data !== null) return response;
  throw new AxiosError('not a JSON object', AxiosError.ERR_BAD_RESPONSE, response.config, response.request, response);
}

/** What decides whether a failed attempt is retried, and when. */
export function failureOf({ code, response }: AxiosError): Failure {
  if (!response) return { code };
  return {
    status: response.status,
    code: errorBodyOf(response)?.code,
    retryAfter: headerOf(response, 'retry-after'),
    shouldRetry: headerOf(response, 'stripe-should-retry'),
  };
}

/** Stripe's messages are sentences. */
const LONGEST_MESSAGE = 500;

/** A failed attempt in words. Quotes nothing from the body of a successful answer. */
export function describeFailure({ code, message, response }: AxiosError): string {
  if (!response) return describeSilence(code, message);
  if (isSuccess(response)) return describeBrokenBody(response);
  const said = errorBodyOf(response)?.message;
  const id = headerOf(response, 'request-id');
  const quote = said === undefined ? '' : `: ${said.slice(0, LONGEST_MESSAGE)}`;
  return `HTTP ${response.status}${quote}${id === undefined ? '' : ` [request ${id}]`}`;
}

function describeSilence(code: string | undefined, message: string): string {
  if (code === LATE || code === AxiosError.ECONNABORTED) return message;
  // Without a response, axios (1.21.1) uses this code for one thing only.
  if (code === AxiosError.ERR_BAD_RESPONSE) return 'an answer that is too large';
  return `no answer (${code ?? 'unknown reason'})`;
}

function describeBrokenBody(response: AxiosResponse): string {
  if (response.data === undefined) return `HTTP ${response.status} with a body that was cut off`;
  return `HTTP ${response.status} with a body that is not JSON (${headerOf(response, 'content-type') ?? 'no type'})`;
}

/** A request that failed, as far as its error tells about it. */
export interface FailedRequest {
  readonly path: string;
  readonly apiBase: string;
  /** The account in `Stripe-Account`; absent for the key's own. */
  readonly account?: string | undefined;
  /** How often the request is retried if that is worthwhile. */
  readonly retries: number;
}

/** The error that a request ends with when its last attempt failed like this. */
export function stripeErrorOf(error: AxiosError, { path, apiBase, account, retries }: FailedRequest): StripeError {
  const { response } = error;
  const failure = failureOf(error);
  const what = `GET ${path} at ${apiBase}: ${describeFailure(error)}`;
  if (isWorthRetrying(failure)) {
    const kind = isRateLimit(failure) ? 'limited' : passingKindOf(response);
    return new StripeError(kind, `${what} (${describeRetries(retries)})`, answerOf(response));
  }
  if (!response) return new StripeError(isUntrusted(failure) ? 'untrusted' : 'request', what);
  if (isRedirect(response)) return new StripeError('request', `${what}. Redirects are not followed.`);
  const kind = kindOf({ ...refusalOf(response), path, isOwnAccount: account === undefined });
  return new StripeError(kind, what, answerOf(response));
}

/** Stripe may advise a retry and still give a reason that lasts, such as a key that it does not accept. */
function passingKindOf(response: AxiosResponse | undefined): StripeErrorKind {
  const kind = response && isError(response) ? kindOf(refusalOf(response)) : 'transient';
  return kind === 'authentication' || kind === 'permission' ? kind : 'transient';
}

function describeRetries(count: number): string {
  if (count === 0) return 'not retried';
  return count === 1 ? 'after 1 retry' : `after ${count} retries`;
}

function answerOf(response: AxiosResponse | undefined): Answer | undefined {
  if (!response || !isError(response)) return undefined;
  return { status: response.status, said: errorBodyOf(response)?.message ?? '' };
}

function refusalOf(response: AxiosResponse): Pick<Refusal, 'status' | 'code' | 'param' | 'message'> {
  const { code, param, message = '' } = errorBodyOf(response) ?? {};
  return { status: response.status, code, param, message };
}

/** Stripe's error in the body of an answer, without the fields that are not text. */
function errorBodyOf({ data }: AxiosResponse): ErrorBody['error'] | undefined {
  const body: unknown = data;
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body;
  if (typeof error !== 'object' || error === null) return undefined;
  return Object.fromEntries(Object.entries(error).filter(([, value]) => typeof value === 'string'));
}

function isSuccess({ status }: AxiosResponse): boolean {
  return status >= 200 && status < 300;
}

function isRedirect({ status }: AxiosResponse): boolean {
  return status >= 300 && status < 400;
}

function isError({ status }: AxiosResponse): boolean {
  return status >= 400;
}
