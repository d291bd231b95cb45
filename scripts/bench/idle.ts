import type { StateMessage } from '../../src/protocol/messages.js';
import { catalog } from '../../src/streams/catalog.js';
import { isIncremental } from '../../src/streams/definition.js';
import { type ConfiguredStream, read } from './process.js';
import { type RemoteSandbox, startRemoteSandbox } from './remote-sandbox.js';
import { count, type Report } from './report.js';

const ROWS = 20;

/** A sync with nothing new. Streams that are not incremental are read again in full, so the others are also measured alone. */
export async function benchIdle(report: Report): Promise<void> {
  const all = catalog.map((stream): ConfiguredStream => {
    return { stream: { name: stream.name }, sync_mode: isIncremental(stream) ? 'incremental' : 'full_refresh' };
  });
  await benchAgain(
    report,
    'incremental streams',
    all.filter(({ sync_mode }) => sync_mode === 'incremental'),
  );
  await benchAgain(report, `all streams of ${ROWS} rows`, all);
}

async function benchAgain(report: Report, what: string, streams: readonly ConfiguredStream[]): Promise<void> {
  const sandbox = await startRemoteSandbox({ rows: ROWS });
  const first = await readOnce(sandbox, streams, []);
  const second = await readOnce(sandbox, streams, first.state);
  sandbox.stop();
  report.add({
    what: `idle sync of ${what}: requests / streams`,
    ratio: second.requests / streams.length,
    raw: `${count(second.requests)} / ${streams.length}, ${second.seconds.toFixed(2)} s; the first sync: ${count(first.requests)}, ${first.seconds.toFixed(2)} s`,
  });
}

async function readOnce(sandbox: RemoteSandbox, streams: readonly ConfiguredStream[], state: readonly unknown[]) {
  await sandbox.requests();
  const chunks: Buffer[] = [];
  const { seconds } = await read(sandbox, { streams, state, onOutput: (chunk) => chunks.push(chunk) });
  const requests = (await sandbox.requests()).length;
  return { seconds, requests, state: lastStates(Buffer.concat(chunks).toString()) };
}

function lastStates(output: string): readonly StateMessage[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{"type":"STATE"'));
  const states = lines.map((line): StateMessage => JSON.parse(line).state);
  return [...new Map(states.map((state) => [state.stream.stream_descriptor.name, state])).values()];
}
