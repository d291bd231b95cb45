import type { Settings } from '../config/config.js';
import { type ConfiguredStream, parseCatalog } from '../protocol/catalog.js';
import { ConfigError } from '../protocol/errors.js';
import { readJson } from '../protocol/files.js';
import { parseState } from '../protocol/state.js';
import { catalog } from '../streams/catalog.js';
import { Expansions } from '../streams/expand.js';
import { sync } from '../sync/sync.js';
import { type Context, connect, loadSettings, required } from './context.js';

/** Reads the configured streams. True when all of them are complete. */
export async function read(context: Context): Promise<boolean> {
  const settings = await loadSettings(context);
  const streams = await loadCatalog(context);
  const { files, env } = context;
  const state = parseState(files.state === undefined ? undefined : await readJson(files.state, 'state'));
  const client = connect(context, settings);
  return sync({
    client,
    write: context.write,
    now: context.now,
    signal: context.signal,
    streams,
    catalog,
    state,
    window: { from: settings.startDate, to: settings.endDate },
    lookback: settings.lookbackSeconds,
    maxConcurrency: settings.maxConcurrency,
    livemode: settings.mode && settings.mode === 'live',
    expansions: expansionsOf(settings, streams),
    job: env['WORKER_JOB_ID'] || undefined,
    accountId: settings.accountId,
    watch: (readings) =>
      context.watch({
        get requests() {
          return client.requests();
        },
        get streams() {
          return readings.map(({ descriptor, rows, outcome }) => ({
            name: descriptor.name,
            rows,
            isDone: outcome !== undefined,
          }));
        },
      }),
  });
}

async function loadCatalog({ files }: Context): Promise<readonly ConfiguredStream[]> {
  const path = required(files.catalog, 'catalog');
  const raw = await readJson(path, 'catalog');
  if (raw === undefined) throw new ConfigError(`The catalog file ${path} is empty.`);
  return parseCatalog(raw);
}

function expansionsOf({ expand }: Settings, streams: readonly ConfiguredStream[]): Expansions {
  const names = new Set(streams.map(({ descriptor }) => descriptor.name));
  return new Expansions(
    catalog.filter(({ name, parent }) => parent && names.has(name)),
    expand,
  );
}
