import { traceOf } from '../failure.js';
import { log, streamStatus, traceError, type Write } from '../protocol/messages.js';
import { listOf, type StreamDefinition } from '../streams/definition.js';
import { StripeError } from '../stripe/errors.js';
import type { Account } from './account/account.js';
import { openAccount } from './accounts.js';
import { Failures } from './failures/failures.js';
import { type ListContext, ListReader } from './lists/list-reader.js';
import type { SyncOptions } from './options.js';
import type { AccountStream } from './output/account-stream.js';
import { Pool } from './pool.js';
import { type Known, prepareStreams, withoutUnknown } from './prepare.js';

/** Reads all configured streams. True if all of them are complete, as exit code 0 will say. */
export async function sync(options: SyncOptions): Promise<boolean> {
  const failures = new Failures();
  const known = await withoutUnknown(options, failures);
  const account = await openOrTell(options, known);
  if (account === undefined) return false;
  const streams = await prepareStreams(options, known, { account, failures });
  const start = options.now();
  const pool = new Pool(options.maxConcurrency);
  const readers = readersOf(streams, contextOf(options, account, pool));
  const stopWatching = options.watch({ streams, beat: () => beatAll(readers) });
  try {
    await pool.run(readers);
  } catch (error) {
    if (options.signal.aborted) for (const reader of readers) await reader.stop();
    await tellFailures(options, failures);
    throw error;
  } finally {
    stopWatching();
  }
  await tellFailures(options, failures);
  await tellTotal(options, streams, start);
  return failures.isEmpty && streams.every(({ outcome }) => outcome === 'complete');
}

/** The account; undefined if nothing can be read, which makes every stream INCOMPLETE. */
async function openOrTell(options: SyncOptions, known: readonly Known[]): Promise<Account | undefined> {
  const { write, now, signal } = options;
  try {
    return await openAccount(options);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof StripeError)) throw error;
    for (const { descriptor } of known) await write(streamStatus(descriptor, 'INCOMPLETE', now()));
    await write(traceError(traceOf(error), now()));
    return undefined;
  }
}

function contextOf({ window, now, signal, isSerial }: SyncOptions, account: Account, pool: Pool): ListContext {
  return { account, window, now, signal, isSerial, offer: () => pool.offer() };
}

/** One reader for each list, with all streams that are read from it. */
function readersOf(streams: readonly AccountStream[], context: ListContext): readonly ListReader[] {
  const lists = new Map<StreamDefinition, AccountStream[]>();
  for (const stream of streams) {
    const list = listOf(stream.definition);
    lists.set(list, [...(lists.get(list) ?? []), stream]);
  }
  return [...lists].map(([list, members]) => new ListReader(context, list, members));
}

async function beatAll(readers: readonly ListReader[]): Promise<void> {
  for (const reader of readers) await reader.beat();
}

/** Writes the errors last, because some readers stop at the first TRACE ERROR. */
async function tellFailures(
  { write, now }: { readonly write: Write; readonly now: () => number },
  { traces }: Failures,
): Promise<void> {
  for (const trace of traces) await write(traceError(trace, now()));
}

/** Reports the number of requests, because Stripe grants only an allowance of them. */
async function tellTotal(options: SyncOptions, streams: readonly AccountStream[], start: number): Promise<void> {
  const { client, now, write, streams: configured } = options;
  const rows = streams.reduce((sum, stream) => sum + stream.rows, 0);
  const complete = streams.filter(({ outcome }) => outcome === 'complete').length;
  const seconds = ((now() - start) / 1000).toFixed(1);
  const what = `${complete} of ${configured.length} streams complete`;
  await write(log('INFO', `${what}: ${rows} rows in ${client.requests()} requests and ${seconds} s`));
}
