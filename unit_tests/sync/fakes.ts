import type { Message, TraceMessage, Write } from '../../src/protocol/messages.js';
import { catalog } from '../../src/streams/catalog.js';
import type { StreamDefinition } from '../../src/streams/definition.js';
import type { StripeObject } from '../../src/stripe/api.generated.js';
import type { Client, Request } from '../../src/stripe/client.js';
import { StripeError, type StripeErrorKind } from '../../src/stripe/errors.js';
import { type Account, Ending } from '../../src/sync/account/account.js';
import { Expansions } from '../../src/sync/account/expansions.js';
import type { SyncOptions } from '../../src/sync/options.js';
import { AccountStream, type StreamContext } from '../../src/sync/output/account-stream.js';
import type { Slice } from '../../src/sync/progress/slice.js';

/** The second at which the tests take place. */
export const NOW = 1_763_650_000;

export function streamOf(name: string): StreamDefinition {
  const stream = catalog.find((each) => each.name === name);
  if (!stream) throw new Error(`There is no stream ${name}`);
  return stream;
}

/** A list that is newest first, and a child of it that is not embedded. */
export const parents: StreamDefinition = {
  name: 'parents',
  path: '/v1/parents',
  object: 'parent',
  newestFirst: true,
};
export const children: StreamDefinition = {
  name: 'children',
  path: '/v1/parents/{id}/children',
  object: 'child',
  parent: { stream: parents, copy: { of: 'id' } },
};

/** All that is to be read of a list. */
export const SLICE: Slice = { gte: 1, lte: 999_999 };

/** A stream of which a slice is to be read. */
export function openStream(context: StreamContext, definition: StreamDefinition): AccountStream {
  const origin = { livemode: undefined, account: undefined };
  const state = { progress: { from: 0, created: NOW, pending: [SLICE] }, origin };
  return new AccountStream({ descriptor: { name: definition.name }, definition, state, isOverwritten: false }, context);
}

/** Objects of a kind, newest first, each of its own second. */
export function objects(object: string, count: number, more: object = {}): readonly StripeObject[] {
  return Array.from({ length: count }, (_, n) => ({ id: `${object}_${n}`, object, created: 900_000 - n, ...more }));
}

export function listOf(data: readonly unknown[], has_more = false) {
  return { object: 'list', data, has_more };
}

/** Answers as Stripe refuses. */
export function refuse(kind: StripeErrorKind, said = 'No.'): never {
  throw new StripeError(kind, said, { status: 400, said });
}

/** A client that answers at once; `stripeTime` is Stripe's clock in epoch milliseconds. */
export function clientOf(answer: (request: Request) => unknown, stripeTime?: number): Client {
  const get = async (request: Request) => {
    request.observer?.sent();
    return answer(request);
  };
  return { get, requests: () => 0, delayMs: () => 0, stripeTime: () => stripeTime };
}

/** An account of which nothing can be read, except for what is given. */
export function accountOf(given: Partial<Account> = {}): Account {
  const client = clientOf(({ path }) => {
    throw new Error(`${path} must not be asked for.`);
  });
  const known = { id: 'acct_1', livemode: false, client, expansions: new Expansions([], {}), say: async () => {} };
  return { ...known, horizon: NOW, floor: 0, ending: new Ending(), ...given };
}

/** Everything that was written, in its order. */
export interface Transcript {
  readonly messages: readonly Message[];
  readonly write: Write;
  /** Each message in a few words. */
  readonly lines: () => readonly string[];
  /** The `stream_state` of the last STATE. */
  readonly lastState: () => unknown;
}

export function transcript(): Transcript {
  const messages: Message[] = [];
  return {
    messages,
    write: async (message) => void messages.push(message),
    lines: () => messages.map(inWords),
    lastState: () => messages.findLast((each) => each.type === 'STATE')?.state.stream.stream_state,
  };
}

/** A message in a few words: `RECORD ch_1`, `STATE of 3`, `COMPLETE`, `ESTIMATE 100`, `WARN Some text.` */
function inWords(message: Message): string {
  if (message.type === 'RECORD') return `RECORD ${message.record.data['id']}`;
  if (message.type === 'STATE') return `STATE of ${message.state.sourceStats.recordCount}`;
  if (message.type === 'LOG') return `${message.log.level} ${message.log.message}`;
  return message.type === 'TRACE' ? traceInWords(message.trace) : message.type;
}

function traceInWords({ stream_status: status, estimate, error }: TraceMessage): string {
  if (estimate) return `ESTIMATE ${estimate.row_estimate}`;
  if (error) return `ERROR ${error.message}`;
  return status?.reasons ? 'RATE_LIMITED' : String(status?.status);
}

/** Lets everything happen that can happen by itself. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A sync of no streams that is asked for all history, with a client that answers nothing. */
export function optionsOf(given: Partial<SyncOptions> = {}): SyncOptions {
  return {
    client: accountOf().client,
    write: async () => {},
    now: () => NOW * 1000,
    signal: new AbortController().signal,
    streams: [],
    catalog,
    state: { of: () => undefined, warnings: () => [] },
    window: { from: 0, to: undefined },
    lookback: 0,
    maxConcurrency: 1,
    isSerial: true,
    livemode: undefined,
    expand: {},
    job: undefined,
    accountId: undefined,
    watch: () => () => {},
    ...given,
  };
}
