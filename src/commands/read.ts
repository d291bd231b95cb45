import type { Settings } from '../config/config.js';
import { type ConfiguredStream, parseCatalog } from '../protocol/catalog.js';
import { ConfigError } from '../protocol/errors.js';
import { readJson } from '../protocol/files.js';
import { log } from '../protocol/messages.js';
import { parseState } from '../protocol/state.js';
import { catalog } from '../streams/catalog.js';
import type { Client } from '../stripe/client.js';
import type { Running, SyncOptions } from '../sync/options.js';
import { sync } from '../sync/sync.js';
import { type Context, connect, loadSettings, required, type Watched } from './context.js';
import { Pulse } from './pulse.js';

/** Reads the configured streams. True when all of them are complete. */
export async function read(context: Context): Promise<boolean> {
  const settings = await loadSettings(context);
  const streams = await loadCatalog(context);
  const { files, env, now } = context;
  const stored = files.state === undefined ? undefined : await readJson(files.state, 'state');
  const state = parseState(
    stored,
    catalog.map(({ name }) => name),
  );
  const descriptors = streams.map(({ descriptor }) => descriptor);
  for (const warning of state.warnings(descriptors)) await context.write(log('WARN', warning));
  const client = connect(context, settings);
  const pulse = new Pulse(context.write, now);
  let running: Running = { streams: [], beat: async () => {} };
  const options: SyncOptions = {
    client,
    write: pulse.write,
    now,
    signal: context.signal,
    streams,
    catalog,
    state,
    window: { from: settings.startDate, to: settings.endDate },
    lookback: settings.lookbackSeconds,
    maxConcurrency: settings.maxConcurrency,
    isSerial: settings.isSerial,
    livemode: settings.mode && settings.mode === 'live',
    expand: settings.expand,
    job: env['WORKER_JOB_ID'] || undefined,
    accountId: settings.accountId,
    watch: (started) => {
      running = started;
      return context.watch(viewOf(started.streams, client, settings));
    },
  };
  const stopBeating = context.every(BEAT_MS, () => pulse.beat(running.beat, () => describe(running, client)));
  return sync(options).finally(stopBeating);
}

/** How often to check for silence: a closed pipe is only noticed by writing. */
const BEAT_MS = 2_500;

function viewOf(streams: Running['streams'], client: Client, settings: Settings): Watched {
  return {
    allowedPerSecond: settings.requestsPerSecond,
    get requests() {
      return client.requests();
    },
    get streams() {
      return streams.map(({ descriptor, rows, expectedRows, outcome }) => ({
        name: descriptor.name,
        rows,
        expectedRows,
        isDone: outcome !== undefined,
      }));
    },
  };
}

function describe({ streams }: Running, client: Client): string {
  const rows = streams.reduce((sum, stream) => sum + stream.rows, 0);
  const open = streams.filter(({ outcome }) => outcome === undefined).length;
  return `Waiting for Stripe: ${open} streams to go, ${rows} rows in ${client.requests()} requests so far.`;
}

async function loadCatalog({ files }: Context): Promise<readonly ConfiguredStream[]> {
  const path = required(files.catalog, 'catalog');
  const raw = await readJson(path, 'catalog');
  if (raw === undefined) throw new ConfigError(`The catalog file ${path} is empty.`);
  return parseCatalog(raw);
}
