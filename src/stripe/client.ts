import http from 'node:http';
import https from 'node:https';
import axios, { AxiosError, type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import axiosRetry from 'axios-retry';
import type { ErrorBody } from './api.generated.js';
import { kindOf, StripeError } from './errors.js';
import type { Limiter } from './limits.js';
import { type Failure, isWorthRetrying, retryDelayMs } from './retry.js';

export interface ClientOptions {
  readonly apiKey: string;
  readonly apiBase: string;
  readonly apiVersion: string;
  /** Read as this connected account. */
  readonly accountId?: string | undefined;
  readonly maxRetries: number;
  readonly userAgent: string;
  readonly limiter: Limiter;
  /** Aborts what is under way, waiting included; every request then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
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
}

/** Query parameters in Stripe's bracket notation; a name may occur more than once. */
export type Params = readonly (readonly [string, string])[];

export interface Request {
  readonly path: string;
  /** What Stripe counts requests by: the path with placeholders for ids. Default: the path. */
  readonly endpoint?: string;
  readonly params?: Params;
}

export interface Client {
  /** Gets a JSON document. Retries what is worth it; throws a StripeError for the rest. */
  readonly get: (request: Request) => Promise<unknown>;
  /** Attempts so far, retries included. */
  readonly requests: () => number;
  /** Stripe's clock as of its last answer (`Date` header), in epoch milliseconds. */
  readonly stripeTime: () => number | undefined;
}

/** As in Stripe's own Node library (stripe 23.1.0). */
const TIMEOUT_MS = 80_000;

/** Never to follow, and never through a proxy: either would show the key to another host. */
const NO_DETOURS = { maxRedirects: 0, proxy: false } as const;

declare module 'axios' {
  interface AxiosRequestConfig {
    /** The bucket that this request is counted in. */
    endpoint?: string;
  }
}

/** A client that can only read, and talks to nobody but `apiBase`. */
export function createClient(options: ClientOptions): Client {
  let requests = 0;
  let stripeTime: number | undefined;
  const instance = createInstance(options);
  const noteTime = (response: AxiosResponse | undefined) => {
    const date = Date.parse(response ? (headerOf(response, 'date') ?? '') : '');
    if (!Number.isNaN(date)) stripeTime = date;
  };
  instance.interceptors.request.use(async (config) => {
    await options.limiter.take(config.endpoint ?? '', options.signal);
    requests += 1;
    return config;
  });
  installRetries(instance, options);

  async function get(request: Request): Promise<unknown> {
    try {
      const response = await instance.get<unknown>(urlOf(request), { endpoint: request.endpoint ?? request.path });
      noteTime(response);
      return response.data;
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof AxiosError) noteTime(error.response);
      throw asStripeError(error, request, options);
    }
  }

  return { get, requests: () => requests, stripeTime: () => stripeTime };
}

function createInstance(options: ClientOptions): AxiosInstance {
  return axios.create({
    ...NO_DETOURS,
    baseURL: options.apiBase,
    timeout: options.timeoutMs ?? TIMEOUT_MS,
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

function installRetries(instance: AxiosInstance, options: ClientOptions): void {
  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;
  // A body that is valid JSON but no object is as broken as one that cannot be parsed.
  instance.interceptors.response.use((response) => {
    if (typeof response.data === 'object' && response.data !== null) return response;
    throw new AxiosError('not a JSON object', AxiosError.ERR_BAD_RESPONSE, response.config, response.request, response);
  });
  axiosRetry(instance, {
    retries: options.maxRetries,
    shouldResetTimeout: true,
    retryCondition: (error) => !options.signal.aborted && isWorthRetrying(failureOf(error)),
    retryDelay: (attempt, error) => {
      const delayMs = retryDelayMs(failureOf(error), attempt, now(), random());
      reportRetry(error, { retry: attempt, delayMs }, options);
      return delayMs;
    },
  });
}

function reportRetry(error: AxiosError, { retry, delayMs }: Pick<Retry, 'retry' | 'delayMs'>, options: ClientOptions) {
  const endpoint = endpointOf(error.config);
  const { code } = failureOf(error);
  if (error.response?.status === 429 && code !== 'lock_timeout') {
    options.limiter.slowDown(endpoint, headerOf(error.response, 'stripe-rate-limited-reason'));
  }
  options.onRetry?.({ path: endpoint, why: describe(error), delayMs, retry });
}

function endpointOf(config: InternalAxiosRequestConfig | undefined): string {
  return config?.endpoint ?? '';
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
function describe({ code, response }: AxiosError): string {
  if (!response) return `no answer (${code ?? 'unknown reason'})`;
  if (response.status >= 200 && response.status < 300) {
    return `HTTP ${response.status} with a body that is not JSON (${headerOf(response, 'content-type') ?? 'no type'})`;
  }
  const error = errorBodyOf(response);
  const id = headerOf(response, 'request-id');
  const from = id === undefined ? '' : ` [request ${id}]`;
  const said = error?.message === undefined ? '' : `: ${error.message.slice(0, LONGEST_MESSAGE)}`;
  return `HTTP ${response.status}${said}${from}`;
}

function asStripeError(error: unknown, request: Request, { apiBase, maxRetries }: ClientOptions): Error {
  if (!(error instanceof AxiosError)) return error instanceof Error ? error : new Error(String(error));
  const what = `GET ${request.path} at ${apiBase}: ${describe(error)}`;
  const { response } = error;
  if (isWorthRetrying(failureOf(error))) return new StripeError('transient', `${what} (after ${maxRetries} retries)`);
  if (!response) return new StripeError('request', what);
  if (response.status >= 300 && response.status < 400) {
    return new StripeError('request', `${what}. Redirects are not followed.`);
  }
  const { code, param, message } = errorBodyOf(response) ?? {};
  return new StripeError(kindOf({ status: response.status, code, param, message: message ?? '' }), what);
}
