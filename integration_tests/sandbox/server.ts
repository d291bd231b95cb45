import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './answer.js';
import type { ApiRequest } from './api/api.js';
import { ApiError, rateLimited } from './api/errors.js';
import type { Gate } from './api/limits.js';
import type { Route } from './api/routes.js';
import { encode } from './bytes.js';
import type { Body } from './data/objects.js';
import { letters } from './data/random.js';
import { changedAnswer, sendFault } from './fault-answers.js';
import type { Fault, Faults } from './faults.js';
import type { Entry, Log, LoggedRequest } from './log.js';

/** The parts of the server. */
export interface Parts {
  readonly api: (request: ApiRequest) => Body;
  readonly route: (path: string) => Route;
  readonly gate: Gate;
  readonly faults: Faults;
  readonly log: Log;
  readonly listeners: ReadonlySet<(request: LoggedRequest) => void>;
  readonly latencyMs: (path: string) => number;
  readonly clockSkewSeconds: number;
  /** The account that is meant when no header names one. */
  readonly account: string;
  readonly version: string;
}

export interface Listening {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Longer than any client waits between two requests, so that no connection closes under one. */
const KEEP_ALIVE_MS = 300_000;

/** Listens on the loopback interface only. */
export async function listen(parts: Parts, port: number): Promise<Listening> {
  const server = http.createServer((request, response) => {
    request.resume();
    handle(parts, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${actual}`, close };
}

async function handle(parts: Parts, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const { log, listeners, faults, latencyMs } = parts;
  const { entry, apiRequest } = receive(parts, request);
  response.once('close', () => log.close(entry));
  for (const listener of listeners) listener(entry);
  const fault = faults.hit(entry);
  entry.fault = fault?.kind;
  const delayMs = latencyMs(entry.path) + (fault?.kind === 'slow' ? fault.ms : 0);
  const counted = { account: entry.account ?? parts.account, endpoint: entry.endpoint };
  const reason = parts.gate.enter(counted);
  if (reason === undefined) response.once('close', () => parts.gate.leave(counted));
  if (delayMs > 0) await sleep(delayMs);
  if (fault?.kind === 'held' && reason === undefined) await fault.until;
  const headers = headersFor(parts, entry);
  const limited = reason === undefined ? undefined : refusal(rateLimited(reason));
  const answer = limited ?? compute(parts, apiRequest, fault);
  send(response, entry, { ...answer, headers: { ...headers, ...answer.headers } }, limited ? undefined : fault);
}

/** Logs a request and reads what matters of it. */
function receive(parts: Parts, request: http.IncomingMessage): { entry: Entry; apiRequest: ApiRequest } {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const path = normalized(mark < 0 ? url : url.slice(0, mark));
  const search = mark < 0 ? '' : url.slice(mark + 1);
  const method = request.method ?? 'GET';
  const route = parts.route(path);
  const params = [...new URLSearchParams(search)] as [string, string][];
  const account = headerOf(request, 'stripe-account');
  const version = headerOf(request, 'stripe-version');
  const { authorization } = request.headers;
  const entry = parts.log.open({
    at: Date.now(),
    method,
    path,
    query: Object.fromEntries(params),
    params,
    endpoint: `${method} ${route.template}`,
    account,
    apiVersion: version,
    userAgent: request.headers['user-agent'],
    keyPrefix: authorization?.match(/[a-z]{2}_(test|live)_/)?.[0],
  });
  return { entry, apiRequest: { method, path, search, route, authorization, account, version } };
}

/** `/v1/products/..` is `/v1/`, however the dots are written: such an id cannot be requested. */
function normalized(path: string): string {
  return /(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path) ? new URL(path, 'http://stripe').pathname : path;
}

function headerOf(request: http.IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function headersFor(parts: Parts, entry: Entry): Record<string, string> {
  return {
    Date: new Date(Date.now() + parts.clockSkewSeconds * 1000).toUTCString(),
    'Content-Type': 'application/json',
    'Cache-Control': 'no-cache, no-store',
    'Request-Id': `req_${letters(entry.n, 14)}`,
    'Stripe-Version': entry.apiVersion ?? parts.version,
    ...(entry.account === undefined ? {} : { 'Stripe-Account': entry.account }),
  };
}

function compute(parts: Parts, request: ApiRequest, fault: Fault | undefined): Answer {
  try {
    return changedAnswer(parts.api, request, fault);
  } catch (error) {
    if (error instanceof ApiError) return refusal(error);
    throw error;
  }
}

function refusal(error: ApiError): Answer {
  return { status: error.status, headers: error.headers, body: [error.body] };
}

function send(response: http.ServerResponse, entry: Entry, answer: Answer, fault: Fault | undefined): void {
  if (fault && sendFault(response, answer, fault)) return;
  entry.status = answer.status;
  const { bytes, release } = encode(answer.body);
  response.once('close', release);
  response.writeHead(answer.status, { ...answer.headers, 'Content-Length': bytes.length });
  response.end(bytes);
}
