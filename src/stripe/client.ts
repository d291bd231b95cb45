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
import { describeFailure, failureOf, headerOf, LATE, requireObject, stripeErrorOf } from './answers.js';
import { startDeadline } from './deadline.js';
import type { Limiter } from './limits/limiter.js';
import { isRateLimit, isWorthRetrying, retryDelayMs } from './retry.js';

/** Reads from Stripe. */
export interface Client {
  /** Gets a JSON document. Retries what is worth a retry, and throws a StripeError for everything else. */
  readonly get: (request: Request) => Promise<unknown>;
  /** The number of attempts so far, retries included, of all accounts. */
  readonly requests: () => number;
  /** How long a request to this endpoint would wait for its turn now; `Infinity` while too many are in flight. */
  readonly delayMs: (endpoint: string) => number;
  /** Stripe's clock as of its latest answer (`Date` header), in epoch milliseconds. */
  readonly stripeTime: () => number | undefined;
}

export interface Request {
  readonly path: string;
  /** What Stripe counts requests by: the path with placeholders for ids. Default: the path. */
  readonly endpoint?: string;
  readonly params?: Params;
  /** The connected account to read, sent as `Stripe-Account`. Default: the key's own account. */
  readonly account?: string;
  readonly observer?: Observer;
}

/** Query parameters in Stripe's bracket notation; a name may occur more than once. */
export type Params = readonly (readonly [string, string])[];

/** Is told what happens to one request, while it happens: its functions must return soon and not throw. */
export interface Observer {
  /** An attempt is sent. `Client.requests` counts the same attempts. */
  readonly sent: () => void;
  /** An attempt failed, and another one follows after the retry's delay. */
  readonly retried: (retry: Retry) => void;
  /** Limits cost this many milliseconds: the request waited for its turn, or for a retry after a refusal. */
  readonly waited: (ms: number) => void;
  /** Limits make the request wait until this time (epoch milliseconds): for its turn, or to retry after a refusal. */
  readonly waiting: (untilMs: number) => void;
}

export interface Retry {
  /** The request's endpoint. */
  readonly path: string;
  /** What was wrong with the attempt before. */
  readonly why: string;
  readonly delayMs: number;
  /** 1 for the first retry. */
  readonly retry: number;
  /** Whether Stripe refused because of a limit. A `lock_timeout` is not one, although its status is 429, too. */
  readonly isRateLimit: boolean;
}

export interface ClientOptions {
  readonly apiKey: string;
  readonly apiBase: string;
  readonly apiVersion: string;
  readonly maxRetries: number;
  /** A request that would have to wait longer than this for a retry fails instead. Default: no limit. */
  readonly longestDelayMs?: number;
  readonly userAgent: string;
  readonly limiter: Limiter;
  /** Aborts everything in progress, including waits. Every request then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** How long to wait for the beginning of an answer, and for more of it. Default: 80 s. */
  readonly timeoutMs?: number;
  /** How long one attempt may take, from its sending to the end of the answer. Default: 5 minutes. */
  readonly answerMs?: number;
  /** How large an answer may be, unpacked. Default: 128 MiB. */
  readonly answerBytes?: number;
  readonly now?: () => number;
  readonly random?: () => number;
  /** Is told of each retry before its delay. */
  readonly onRetry?: (retry: Retry) => void;
}

/** As in Stripe's own Node library (stripe 23.1.0). */
const TIMEOUT_MS = 80_000;
/** A body that trickles never falls silent. A page of 100 large objects (20 MB) needs no more than 70 KB/s. */
const ANSWER_MS = 300_000;
/** A page has at most 100 objects; an endless body would use up all memory before its time is up. */
const ANSWER_BYTES = 128 * 2 ** 20;

/** A client that can only read, and connects to `apiBase` alone. */
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
  // Every request in progress listens to this signal.
  setMaxListeners(0, options.signal);

  async function get(request: Request): Promise<unknown> {
    try {
      const response = await instance.request<unknown>(configOf(request));
      noteTime(response);
      return response.data;
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof AxiosError)) throw error;
      noteTime(error.response);
      const retries = isSoon(error, options) ? options.maxRetries : 0;
      throw stripeErrorOf(error, { ...request, apiBase: options.apiBase, retries });
    }
  }

  return { get, requests: () => requests, delayMs: options.limiter.delayMs, stripeTime: () => epochOf(date) };
}

/** The same client, but its requests are for this account unless they name one themselves. */
export function forAccount(client: Client, account: string): Client {
  return { ...client, get: (request) => client.get({ account, ...request }) };
}

function epochOf(date: string | undefined): number | undefined {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

declare module 'axios' {
  interface AxiosRequestConfig {
    call?: Call;
  }
}

/** A request with all its attempts. A class, because axios copies plain objects before each attempt. */
class Call {
  readonly endpoint: string;
  readonly observer: Observer | undefined;
  /** Since when a limit has made it wait; undefined while none does. */
  limitedSince: number | undefined;

  constructor({ path, endpoint = path, observer }: Request) {
    this.endpoint = endpoint;
    this.observer = observer;
  }
}

/** What all attempts of a request share: axios-retry repeats it with the configuration of the failed attempt. */
function configOf(request: Request) {
  const { account } = request;
  const headers = account === undefined ? {} : { 'Stripe-Account': account };
  return { url: urlOf(request), headers, call: new Call(request) };
}

function urlOf({ path, params }: Request): string {
  if (!params || params.length === 0) return path;
  return `${path}?${new URLSearchParams(params.map(([name, value]): [string, string] => [name, value]))}`;
}

function callOf(config: InternalAxiosRequestConfig | undefined): Call {
  return config?.call ?? new Call({ path: '' });
}

/** Redirects and proxies would both show the key to another host. */
const NO_DETOURS = { maxRedirects: 0, proxy: false } as const;

function createInstance(options: ClientOptions, onSent: () => void): AxiosInstance {
  const { timeoutMs = TIMEOUT_MS, answerBytes = ANSWER_BYTES } = options;
  return axios.create({
    ...NO_DETOURS,
    adapter: createAdapter(options, onSent),
    baseURL: options.apiBase,
    timeout: timeoutMs,
    timeoutErrorMessage: `no data received for ${secondsOf(timeoutMs)}`,
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
    },
  });
}

/** Makes one attempt when it is its turn. Until its answer has arrived, or will not come, it counts as in flight. */
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

async function takeTurn(call: Call, { limiter, signal, now = Date.now }: ClientOptions): Promise<() => void> {
  const { endpoint, observer } = call;
  const delayMs = limiter.delayMs(endpoint);
  if (!observer || (delayMs === 0 && call.limitedSince === undefined)) return limiter.take(endpoint, signal);
  const since = call.limitedSince ?? now();
  // While too many are in flight, the turn may come at any time.
  if (delayMs > 0 && delayMs < Number.POSITIVE_INFINITY) observer.waiting(now() + delayMs);
  const release = await limiter.take(endpoint, signal);
  call.limitedSince = undefined;
  const waitedMs = now() - since;
  if (waitedMs > 0) observer.waited(waitedMs);
  return release;
}

/** Sends one attempt, whose whole answer must arrive within the time for it. */
function createSender({ answerMs = ANSWER_MS, signal }: ClientOptions): AxiosAdapter {
  const send = axios.getAdapter('http');
  return async (config) => {
    const deadline = startDeadline(answerMs, signal);
    // In place, because errors refer to this configuration, and the wait before a retry is aborted by its signal.
    config.signal = deadline.signal;
    try {
      return await send(config);
    } catch (error) {
      if (!deadline.hasPassed()) throw error;
      throw new AxiosError(`no complete answer within ${secondsOf(answerMs)}`, LATE, config);
    } finally {
      config.signal = signal;
      deadline.clear();
    }
  };
}

function secondsOf(ms: number): string {
  return `${ms / 1000} s`;
}

function installRetries(instance: AxiosInstance, options: ClientOptions): void {
  const { now = Date.now, random = Math.random } = options;
  instance.interceptors.response.use(requireObject, (error) => heedLimit(error, options));
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

/** Lowers the limits before the error goes on its way, so that refusals without a retry count, too. */
function heedLimit(error: unknown, { limiter }: ClientOptions): never {
  if (error instanceof AxiosError && error.response && isRateLimit(failureOf(error))) {
    limiter.slowDown(callOf(error.config).endpoint, headerOf(error.response, 'stripe-rate-limited-reason'));
  }
  throw error;
}

/** Whether the first retry would come before the caller's patience ends. */
function isSoon(
  error: AxiosError,
  { longestDelayMs = Number.POSITIVE_INFINITY, now = Date.now }: ClientOptions,
): boolean {
  return retryDelayMs(failureOf(error), 1, now(), 0) <= longestDelayMs;
}

function reportRetry(error: AxiosError, { retry, delayMs }: Pick<Retry, 'retry' | 'delayMs'>, options: ClientOptions) {
  const { now = Date.now, onRetry } = options;
  const call = callOf(error.config);
  const isLimited = isRateLimit(failureOf(error));
  const report: Retry = { path: call.endpoint, why: describeFailure(error), delayMs, retry, isRateLimit: isLimited };
  onRetry?.(report);
  call.observer?.retried(report);
  if (!isLimited) return;
  call.limitedSince = now();
  call.observer?.waiting(call.limitedSince + delayMs);
}
