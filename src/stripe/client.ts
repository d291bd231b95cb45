import { setMaxListeners } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import axios, {
  type AxiosAdapter,
  AxiosError,
  type AxiosInstance,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import axiosRetry from 'axios-retry';
import type { ErrorBody } from './api.generated.js';
import { startDeadline } from './deadline.js';
import { type Answer, kindOf, type Refusal, StripeError, type StripeErrorKind } from './errors.js';
import type { Limiter } from './limits/limiter.js';
import { type Failure, isRateLimit, isUntrusted, isWorthRetrying, retryDelayMs } from './retry.js';

export interface ClientOptions {
  readonly apiKey: string;
  readonly apiBase: string;
  readonly apiVersion: string;
  /** Read as this connected account. */
  readonly accountId?: string | undefined;
  readonly maxRetries: number;
  /** What would have to wait longer before a retry is not tried again. Default: no limit. */
  readonly longestDelayMs?: number;
  readonly userAgent: string;
  readonly limiter: Limiter;
  /** Aborts what is under way, waiting included; every request then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** How long to wait for the beginning of an answer, and for more of it. Default: 80 s. */
  readonly timeoutMs?: number;
  /** How long one attempt may take, from its sending to the end of the answer. Default: 5 minutes. */
  readonly answerMs?: number;
  /** How large an answer may be, unpacked. Default: 128 MiB. */
  readonly answerBytes?: number;
  readonly now?: () => number;
  readonly random?: () => number;
  /** Told of each retry before its delay. */
  readonly onRetry?: (retry: Retry) => void;
}

export interface Retry {
  readonly path: string;
  readonly why: string;
  readonly delayMs: number;
  /** 1 for the first retry. */
  readonly retry: number;
  /** Whether Stripe refused because of a limit; a `lock_timeout` is none, although its status is 429, too. */
  readonly isRateLimit: boolean;
}

/** Told what becomes of one request. Called while it is under way, and is to return soon and not to throw. */
export interface Observer {
  /** An attempt is sent; one for each of `Client.requests`. */
  readonly sent: () => void;
  /** An attempt failed, and there will be another one after the retry's delay. */
  readonly retried: (retry: Retry) => void;
  /** So many milliseconds were spent because of limits: waiting for its turn, or before a retry after a refusal. */
  readonly waited: (ms: number) => void;
  /** The request waits because of a limit, until this time (epoch milliseconds): for its turn, or from a refusal to the retry. */
  readonly waiting: (untilMs: number) => void;
}

/** Query parameters in Stripe's bracket notation; a name may occur more than once. */
export type Params = readonly (readonly [string, string])[];

export interface Request {
  readonly path: string;
  /** What Stripe counts requests by: the path with placeholders for ids. Default: the path. */
  readonly endpoint?: string;
  readonly params?: Params;
  readonly observer?: Observer;
}

export interface Client {
  /** Gets a JSON document. Retries what is worth it; throws a StripeError for the rest. */
  readonly get: (request: Request) => Promise<unknown>;
  /** Attempts so far, retries included. */
  readonly requests: () => number;
  /** How long a request to this endpoint would wait for its turn now; Infinity while too many are in flight. */
  readonly delayMs: (endpoint: string) => number;
  /** Stripe's clock as of its last answer (`Date` header), in epoch milliseconds. */
  readonly stripeTime: () => number | undefined;
}

/** As in Stripe's own Node library (stripe 23.1.0). */
const TIMEOUT_MS = 80_000;
/** A body that trickles never falls silent. A page of 100 large objects (20 MB) needs no more than 70 KB/s. */
const ANSWER_MS = 300_000;
/** A page has 100 objects at most; a body without end would take all memory before its time is up. */
const ANSWER_BYTES = 128 * 2 ** 20;
/** Our own code for an attempt whose time is up. */
const LATE = 'ERR_ANSWER_LATE';

/** Never to follow, and never through a proxy: either would show the key to another host. */
const NO_DETOURS = { maxRedirects: 0, proxy: false } as const;

declare module 'axios' {
  interface AxiosRequestConfig {
    call?: Call;
  }
}

/** A request with all its attempts. A class, for axios copies plain objects before every attempt. */
class Call {
  /** What Stripe counts it by. */
  readonly endpoint: string;
  readonly observer: Observer | undefined;
  /** Since when it waits because of a limit. */
  limitedSince: number | undefined;

  constructor({ path, endpoint = path, observer }: Request) {
    this.endpoint = endpoint;
    this.observer = observer;
  }
}

/** A client that can only read, and talks to `apiBase` alone. */
export function createClient(options: ClientOptions): Client {
  let requests = 0;
  let date: string | undefined;
  const noteSent = () => {
    requests += 1;
  };
  const noteTime = (response: AxiosResponse | undefined) => {
    date = (response && headerOf(response, 'date')) ?? date;
  };
  const instance = createInstance(options, noteSent);
  installRetries(instance, options);
  // Whatever is under way listens for it.
  setMaxListeners(0, options.signal);

  async function get(request: Request): Promise<unknown> {
    try {
      const response = await instance.request<unknown>({ url: urlOf(request), call: new Call(request) });
      noteTime(response);
      return response.data;
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof AxiosError) noteTime(error.response);
      throw asStripeError(error, request, options);
    }
  }

  return { get, requests: () => requests, delayMs: options.limiter.delayMs, stripeTime: () => epochOf(date) };
}

function createInstance(options: ClientOptions, onSent: () => void): AxiosInstance {
  const { timeoutMs = TIMEOUT_MS, answerBytes = ANSWER_BYTES } = options;
  return axios.create({
    ...NO_DETOURS,
    adapter: createAdapter(options, onSent),
    baseURL: options.apiBase,
    timeout: timeoutMs,
    timeoutErrorMessage: `no answer, or no more of it, for ${secondsOf(timeoutMs)}`,
    maxContentLength: answerBytes,
    signal: options.signal,
    responseType: 'json',
    transitional: { silentJSONParsing: false },
    httpAgent: new http.Agent({ keepAlive: true }),
    httpsAgent: new https.Agent({ keepAlive: true }),
    headers: {
      Authorization: `Bearer ${options.apiKey}`,
      'Stripe-Version': options.apiVersion,
      'User-Agent': options.userAgent,
      ...(options.accountId === undefined ? {} : { 'Stripe-Account': options.accountId }),
    },
  });
}

/** Sends one attempt when it is its turn; its place is free again when the body is in, or will not come. */
function createAdapter(options: ClientOptions, onSent: () => void): AxiosAdapter {
  const send = createSender(options);
  return async (config) => {
    const call = callOf(config);
    const release = await takeTurn(call, options);
    try {
      onSent();
      call.observer?.sent();
      return await send(config);
    } finally {
      release();
    }
  };
}

/** Sends one attempt, whose answer has to be in within the time for it. */
function createSender({ answerMs = ANSWER_MS, signal }: ClientOptions): AxiosAdapter {
  const send = axios.getAdapter('http');
  return async (config) => {
    const deadline = startDeadline(answerMs, signal);
    // In place, for errors hold the configuration, and the wait before a retry goes by its signal.
    config.signal = deadline.signal;
    try {
      return await send(config);
    } catch (error) {
      if (!deadline.hasPassed()) throw error;
      throw new AxiosError(`no whole answer within ${secondsOf(answerMs)}`, LATE, config);
    } finally {
      config.signal = signal;
      deadline.clear();
    }
  };
}

function secondsOf(ms: number): string {
  return `${ms / 1000} s`;
}

async function takeTurn(call: Call, { limiter, signal, now = Date.now }: ClientOptions): Promise<() => void> {
  const { endpoint, observer } = call;
  const delayMs = limiter.delayMs(endpoint);
  if (!observer || (delayMs === 0 && call.limitedSince === undefined)) return limiter.take(endpoint, signal);
  const since = call.limitedSince ?? now();
  // What waits for a place in flight may go on at any time.
  if (delayMs > 0 && delayMs < Number.POSITIVE_INFINITY) observer.waiting(now() + delayMs);
  const release = await limiter.take(endpoint, signal);
  call.limitedSince = undefined;
  const waitedMs = now() - since;
  if (waitedMs > 0) observer.waited(waitedMs);
  return release;
}

function installRetries(instance: AxiosInstance, options: ClientOptions): void {
  const { now = Date.now, random = Math.random } = options;
  instance.interceptors.response.use(mustBeObject, (error) => heedLimit(error, options));
  axiosRetry(instance, {
    retries: options.maxRetries,
    shouldResetTimeout: true,
    retryCondition: (error) => !options.signal.aborted && isWorthRetrying(failureOf(error)) && isSoon(error, options),
    retryDelay: (attempt, error) => {
      const delayMs = retryDelayMs(failureOf(error), attempt, now(), random());
      reportRetry(error, { retry: attempt, delayMs }, options);
      return delayMs;
    },
  });
}

/** Whether Stripe asks for no longer wait than the caller has patience. */
function isSoon(
  error: AxiosError,
  { longestDelayMs = Number.POSITIVE_INFINITY, now = Date.now }: ClientOptions,
): boolean {
  return retryDelayMs(failureOf(error), 1, now(), 0) <= longestDelayMs;
}

/** A body that is valid JSON but no object is as broken as one that cannot be parsed. */
function mustBeObject(response: AxiosResponse): AxiosResponse {
  if (typeof response.data === 'object' && response.data !== null) return response;
  throw new AxiosError('not a JSON object', AxiosError.ERR_BAD_RESPONSE, response.config, response.request, response);
}

function heedLimit(error: unknown, { limiter }: ClientOptions): never {
  if (error instanceof AxiosError && error.response && isRateLimit(failureOf(error))) {
    limiter.slowDown(callOf(error.config).endpoint, headerOf(error.response, 'stripe-rate-limited-reason'));
  }
  throw error;
}

function reportRetry(error: AxiosError, { retry, delayMs }: Pick<Retry, 'retry' | 'delayMs'>, options: ClientOptions) {
  const { now = Date.now, onRetry } = options;
  const call = callOf(error.config);
  const limited = isRateLimit(failureOf(error));
  const report: Retry = { path: call.endpoint, why: describe(error), delayMs, retry, isRateLimit: limited };
  onRetry?.(report);
  call.observer?.retried(report);
  if (!limited) return;
  call.limitedSince = now();
  call.observer?.waiting(call.limitedSince + delayMs);
}

function callOf(config: InternalAxiosRequestConfig | undefined): Call {
  return config?.call ?? new Call({ path: '' });
}

function epochOf(date: string | undefined): number | undefined {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

function urlOf({ path, params }: Request): string {
  if (!params || params.length === 0) return path;
  return `${path}?${new URLSearchParams(params.map(([name, value]): [string, string] => [name, value]))}`;
}

function headerOf(response: AxiosResponse, name: string): string | undefined {
  const value: unknown = response.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function failureOf({ code, response }: AxiosError): Failure {
  if (!response) return { code };
  return {
    status: response.status,
    code: errorBodyOf(response)?.code,
    retryAfter: headerOf(response, 'retry-after'),
    shouldRetry: headerOf(response, 'stripe-should-retry'),
  };
}

/** What Stripe says about a refusal; fields that are not text are left out. */
function errorBodyOf({ data }: AxiosResponse): ErrorBody['error'] | undefined {
  const body: unknown = data;
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body;
  if (typeof error !== 'object' || error === null) return undefined;
  return Object.fromEntries(Object.entries(error).filter(([, value]) => typeof value === 'string'));
}

/** Stripe's messages are sentences. */
const LONGEST_MESSAGE = 500;

/** What happened, in words, without a word from the body of a success. */
function describe({ code, message, response }: AxiosError): string {
  if (!response) return describeSilence(code, message);
  if (response.status >= 200 && response.status < 300) {
    if (response.data === undefined) return `HTTP ${response.status} with a body that breaks off`;
    return `HTTP ${response.status} with a body that is not JSON (${headerOf(response, 'content-type') ?? 'no type'})`;
  }
  const error = errorBodyOf(response);
  const id = headerOf(response, 'request-id');
  const from = id === undefined ? '' : ` [request ${id}]`;
  const said = error?.message === undefined ? '' : `: ${error.message.slice(0, LONGEST_MESSAGE)}`;
  return `HTTP ${response.status}${said}${from}`;
}

function describeSilence(code: string | undefined, message: string): string {
  if (code === LATE || code === AxiosError.ECONNABORTED) return message;
  // Without a response, axios (1.21.1) has this code for one thing only.
  if (code === AxiosError.ERR_BAD_RESPONSE) return 'an answer that is too large';
  return `no answer (${code ?? 'unknown reason'})`;
}

function asStripeError(error: unknown, request: Request, options: ClientOptions): Error {
  const { apiBase, accountId } = options;
  if (!(error instanceof AxiosError)) return error instanceof Error ? error : new Error(String(error));
  const what = `GET ${request.path} at ${apiBase}: ${describe(error)}`;
  const { response } = error;
  const failure = failureOf(error);
  const answer = answerOf(response);
  if (isWorthRetrying(failure)) {
    const kind = isRateLimit(failure) ? 'limited' : refusedKindOf(response);
    const retries = isSoon(error, options) ? options.maxRetries : 0;
    return new StripeError(kind, `${what} (${retriesOf(retries)})`, answer);
  }
  if (!response) return new StripeError(isUntrusted(failure) ? 'untrusted' : 'request', what);
  if (response.status >= 300 && response.status < 400) {
    return new StripeError('request', `${what}. Redirects are not followed.`);
  }
  const refusal = { ...refusalOf(response), path: request.path, isOwnAccount: accountId === undefined };
  return new StripeError(kindOf(refusal), what, answer);
}

function answerOf(response: AxiosResponse | undefined): Answer | undefined {
  if (!response || response.status < 400) return undefined;
  return { status: response.status, said: errorBodyOf(response)?.message ?? '' };
}

function refusalOf(response: AxiosResponse): Pick<Refusal, 'status' | 'code' | 'param' | 'message'> {
  const { code, param, message = '' } = errorBodyOf(response) ?? {};
  return { status: response.status, code, param, message };
}

/** What Stripe says is worth a retry may still be a refusal that names its reason: a key that it does not accept. */
function refusedKindOf(response: AxiosResponse | undefined): StripeErrorKind {
  const kind = response && response.status >= 400 ? kindOf(refusalOf(response)) : 'transient';
  return kind === 'authentication' || kind === 'permission' ? kind : 'transient';
}

function retriesOf(count: number): string {
  if (count === 0) return 'not retried';
  return count === 1 ? 'after 1 retry' : `after ${count} retries`;
}
