import type http from 'node:http';
import type { Answer } from './answer.js';
import type { ApiRequest } from './api/api.js';
import { ApiError, lockTimeout, noSuch, rateLimited } from './api/errors.js';
import type { Body } from './data/objects.js';
import type { Fault } from './faults.js';

const OK = { status: 200, headers: {} };

const HTML = '<html>\n<head><title>503 Service Temporarily Unavailable</title></head>\n<body>nginx</body>\n</html>\n';

const FOREIGN = { id: 'xx_foreign', object: 'foreign_object', created: 1, livemode: false };

/** What Stripe said to accounts without a product, as collected by its own sync-engine until 2026-11. */
const NO_PRODUCT =
  'Your account is not set up to use Issuing. Please visit https://dashboard.stripe.com/issuing/overview to get started.';

type Api = (request: ApiRequest) => Body;

/** The answer to a request, as the fault makes it; throws an ApiError where that is a refusal. */
export function changedAnswer(api: Api, request: ApiRequest, fault: Fault | undefined): Answer {
  switch (fault?.kind) {
    case '429':
      throw rateLimited(fault.reason, retryHeaders(fault));
    case 'lock_timeout':
      throw lockTimeout(retryHeaders(fault));
    case 'status':
      return withStatus(fault);
    case 'html':
      return { status: 200, headers: { 'Content-Type': 'text/html' }, body: [HTML] };
    case 'not_json':
      return { ...OK, body: [fault.body ?? 'upstream connect error or disconnect/reset before headers'] };
    case 'redirect':
      return { status: fault.status ?? 302, headers: { Location: fault.to }, body: [] };
    case 'product_unavailable':
      throw new ApiError(400, { message: fault.message ?? NO_PRODUCT });
    case 'no_permission':
      throw new ApiError(fault.status ?? 403, { message: NO_PERMISSION });
    case 'same_page':
      return { ...OK, body: api({ ...request, search: withoutCursor(request.search) }) };
    case 'lost_place':
      throw noSuch('object', new URLSearchParams(request.search).get('starting_after') ?? '', 'starting_after', 400);
    case 'empty':
      return { ...OK, body: changedPage(api(request), () => ({ data: [], has_more: true })) };
    case 'foreign_item':
      return { ...OK, body: changedPage(api(request), ({ data }) => ({ data: [fault.item ?? FOREIGN, ...data] })) };
    default:
      return { ...OK, body: api(request) };
  }
}

const NO_PERMISSION =
  "Permission denied. The provided key 'rk_test_****' does not have the required permissions for this endpoint on " +
  `account 'acct_1Sandbox'. Enabling "Charges Read" ('charge_read') permissions on this key would allow this request ` +
  'to continue.';

function retryHeaders(fault: { retryAfter?: number | string; shouldRetry?: boolean }): Record<string, string> {
  return {
    ...(fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) }),
    ...(fault.shouldRetry === undefined ? {} : { 'Stripe-Should-Retry': String(fault.shouldRetry) }),
  };
}

function withStatus(fault: Extract<Fault, { kind: 'status' }>): Answer {
  const { status = 500, html, code, headers = {} } = fault;
  if (html) return { status, headers: { 'Content-Type': 'text/html', ...headers }, body: [HTML] };
  const type = status >= 500 ? 'api_error' : 'invalid_request_error';
  const message =
    fault.message ?? 'Sorry! There was an error while talking to one of our backends. Support has been notified.';
  const error = new ApiError(status, { message, type, ...(code === undefined ? {} : { code }) });
  return { status, headers, body: [error.body] };
}

function withoutCursor(search: string): string {
  const params = new URLSearchParams(search);
  params.delete('starting_after');
  params.delete('ending_before');
  return params.toString();
}

interface Page {
  readonly data: readonly unknown[];
}

function changedPage(body: Body, change: (page: Page) => Record<string, unknown>): Body {
  const page = JSON.parse(body.join('')) as Page;
  return [JSON.stringify({ ...page, ...change(page) }, null, 2)];
}

/** Sends what is not a whole answer; false when the fault is not of that sort. */
export function sendFault(response: http.ServerResponse, answer: Answer, fault: Fault): boolean {
  switch (fault.kind) {
    case 'reset':
      response.socket?.resetAndDestroy();
      return true;
    case 'stall':
      if (fault.headers) stall(response, answer);
      return true;
    case 'trickle':
      trickle(response, answer, fault);
      return true;
    case 'endless':
      flood(response, answer);
      return true;
    case 'cut':
      cut(response, answer, fault);
      return true;
    default:
      return false;
  }
}

function stall(response: http.ServerResponse, { headers, body }: Answer): void {
  response.writeHead(200, { ...headers, 'Content-Length': Buffer.byteLength(body.join('')) });
  response.flushHeaders();
}

const TRICKLE_MS = 20;

/** Ends when the client closes the connection. */
function trickle(response: http.ServerResponse, answer: Answer, { headers }: { headers?: boolean }): void {
  const sendBit = headers ? headerTrickle(response) : bodyTrickle(response, answer);
  sendBit();
  const timer = setInterval(sendBit, TRICKLE_MS);
  response.once('close', () => clearInterval(timer));
}

function headerTrickle({ socket }: http.ServerResponse): () => void {
  socket?.write('HTTP/1.1 200 OK\r\n');
  return () => void socket?.write('X-More: to come\r\n');
}

function bodyTrickle(response: http.ServerResponse, { headers }: Answer): () => void {
  response.writeHead(200, { ...headers });
  return () => void response.write(' ');
}

const FLOOD = Buffer.alloc(2 ** 16, ' ');

/** Ends when the client closes the connection. */
function flood(response: http.ServerResponse, { headers }: Answer): void {
  response.writeHead(200, { ...headers });
  const sendMore = () => {
    while (!response.destroyed && response.write(FLOOD)) {}
  };
  response.on('drain', sendMore);
  sendMore();
}

function cut(
  response: http.ServerResponse,
  { status, headers, body }: Answer,
  { chunked }: { chunked?: boolean },
): void {
  const whole = Buffer.from(body.join(''));
  response.writeHead(status, { ...headers, ...(chunked ? {} : { 'Content-Length': whole.length }) });
  response.write(whole.subarray(0, Math.ceil(whole.length / 2)), () => response.destroy());
}
