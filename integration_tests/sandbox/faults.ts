import type { LimitReason } from './api/errors.js';
import type { LoggedRequest } from './log.js';

/** Which requests a fault hits, and how often. */
interface Hits {
  /** The path, exactly, or a test. Default: every request. */
  readonly match?: string | ((request: LoggedRequest) => boolean);
  /** How many requests it hits. Default: 1. */
  readonly times?: number;
  /** How many matching requests it lets pass first. Default: 0. */
  readonly after?: number;
}

/** Something that goes wrong, on demand. */
export type Fault = Hits &
  (
    | {
        /** Too many requests: a 429, by default without a reason. */
        readonly kind: '429';
        readonly reason?: LimitReason;
        readonly retryAfter?: number | string;
        readonly shouldRetry?: boolean;
      }
    /** Another request holds the object: a 429 with `lock_timeout`. */
    | { readonly kind: 'lock_timeout'; readonly retryAfter?: number | string }
    /** A status of Stripe's own, by default 500; `html` is what a proxy in front of it would say. */
    | {
        readonly kind: 'status';
        readonly status?: number;
        readonly html?: boolean;
        readonly code?: string;
        readonly message?: string;
        readonly headers?: Readonly<Record<string, string>>;
      }
    /** The connection is reset before the answer. */
    | { readonly kind: 'reset' }
    /** The body ends in the middle, and with it the connection. `chunked`: without a Content-Length. */
    | { readonly kind: 'cut'; readonly chunked?: boolean }
    /** 200 with a page for people. */
    | { readonly kind: 'html' }
    /** 200 that says it is JSON and is not; `body` replaces what it says. */
    | { readonly kind: 'not_json'; readonly body?: string }
    /** Nothing more is sent: after the headers, or at all. The connection stays open. */
    | { readonly kind: 'stall'; readonly headers?: boolean }
    /** The answer, or its headers, come bit by bit and never end: 20 ms lie between two bits. */
    | { readonly kind: 'trickle'; readonly headers?: boolean }
    /** A body that never ends, as fast as it is taken. */
    | { readonly kind: 'endless' }
    /** The right answer, later. */
    | { readonly kind: 'slow'; readonly ms: number }
    /** The right answer, but not before the promise resolves. What is held is in flight. */
    | { readonly kind: 'held'; readonly until: Promise<void> }
    /** Somewhere else, by default with 302. */
    | { readonly kind: 'redirect'; readonly to: string; readonly status?: number }
    /** A page without items that says there are more. */
    | { readonly kind: 'empty' }
    /** The page that a request without `starting_after` and `ending_before` gets. */
    | { readonly kind: 'same_page' }
    /** 400: the object to start after is gone. For requests with `starting_after`. */
    | { readonly kind: 'lost_place' }
    /** The right page, with an object of another kind as its first item. */
    | { readonly kind: 'foreign_item'; readonly item?: Readonly<Record<string, unknown>> }
    /** 400: the account does not have the product. `message` replaces Stripe's words. */
    | { readonly kind: 'product_unavailable'; readonly message?: string }
    /** 403 as for a restricted key. */
    | { readonly kind: 'no_permission'; readonly status?: 401 | 403 }
  );

export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
  /** The first fault that hits this request, counted as having hit it. */
  readonly hit: (request: LoggedRequest) => Fault | undefined;
}

/** Faults in the order in which they were asked for; a request is hit by one at most. */
export function createFaults(): Faults {
  const pending: { readonly fault: Fault; toPass: number; left: number }[] = [];

  function hit(request: LoggedRequest): Fault | undefined {
    for (const entry of pending) {
      if (entry.left <= 0 || !isMatch(entry.fault, request)) continue;
      if (entry.toPass > 0) {
        entry.toPass -= 1;
        continue;
      }
      entry.left -= 1;
      return entry.fault;
    }
    return undefined;
  }

  return {
    add: (fault) => void pending.push({ fault, toPass: fault.after ?? 0, left: fault.times ?? 1 }),
    clear: () => void pending.splice(0),
    hit,
  };
}

function isMatch({ match }: Fault, request: LoggedRequest): boolean {
  if (match === undefined) return true;
  return typeof match === 'string' ? request.path === match : match(request);
}
