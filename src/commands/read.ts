import { livemodeOf } from '../config/api-key.js';
import type { Settings } from '../config/config.js';
import { type ConfiguredStream, parseCatalog } from '../protocol/catalog.js';
import { ConfigError } from '../protocol/errors.js';
import { readJson } from '../protocol/files.js';
import { log } from '../protocol/messages.js';
import { type InputState, parseState } from '../protocol/state.js';
import { catalog } from '../streams/catalog.js';
import type { Client } from '../stripe/client.js';
import type { Running, SyncOptions } from '../sync/options.js';
import { sync } from '../sync/sync.js';
import { type Context, connect, loadSettings, required, type Watched } from './context.js';
import { Pulse } from './pulse.js';

const SECONDS_PER_DAY = 86_400;

/** How often to check for silence: a closed pipe is only noticed by writing. */
const BEAT_MS = 2_500;

/** Reads the configured streams. True when all of them are complete. */
export async function read(context: Context): Promise<boolean> {
  const settings = await loadSettings(context);
  const streams = await loadCatalog(context);
  const state = await loadState(context, streams);
  const client = connect(context, settings);
  const pulse = new Pulse(context.write, context.now);
  let running: Running = { streams: [], beat: async () => {} };
  const options: SyncOptions = {
    ...wishesOf(settings),
    client,
    write: pulse.write,
    now: context.now,
    signal: context.signal,
    streams,
    catalog,
    state,
    job: context.env['WORKER_JOB_ID'] || undefined,
    watch: (started) => {
      running = started;
      return context.watch(viewOf(started.streams, client, settings.requests_per_second));
    },
  };
  const stopBeating = context.every(BEAT_MS, () => pulse.beat(running.beat, () => describe(running, client)));
  return sync(options).finally(stopBeating);
}

/** What a sync takes from the configuration. */
type Wishes = Pick<
  SyncOptions,
  'window' | 'lookback' | 'maxConcurrency' | 'isSerial' | 'livemode' | 'expand' | 'accountId'
>;

function wishesOf(settings: Settings): Wishes {
  return {
    window: { from: settings.start_date, to: settings.end_date },
    lookback: settings.lookback_window_days * SECONDS_PER_DAY,
    maxConcurrency: settings.max_concurrency,
    isSerial: settings.loading_mode === 'sync',
    livemode: livemodeOf(settings.api_key),
    expand: settings.expand,
    accountId: settings.account_id,
  };
}

function viewOf(streams: Running['streams'], client: Client, allowedPerSecond: number): Watched {
  return {
    allowedPerSecond,
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

/** Reads the state, and warns about parts of it that are not used. */
async function loadState({ files, write }: Context, streams: readonly ConfiguredStream[]): Promise<InputState> {
  const raw = files.state === undefined ? undefined : await readJson(files.state, 'state');
  const names = catalog.map(({ name }) => name);
  const state = parseState(raw, names);
  for (const warning of state.warnings(streams.map(({ descriptor }) => descriptor))) await write(log('WARN', warning));
  return state;
}
