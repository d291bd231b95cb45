import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalog } from '../../src/streams/catalog.js';
import { isIncremental } from '../../src/streams/definition.js';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.js';
import { isListed, listed, type Row } from './listed.js';

/**
 * PyAirbyte drives the built connector, as drive.py does for a user, and what it leaves in DuckDB is compared with what
 * the sandbox lists:
 *
 *     python3 -m venv .venv && .venv/bin/pip install -r integration_tests/pyairbyte/requirements.txt
 *     npm run build && PYAIRBYTE=.venv/bin/python npx vitest run integration_tests/pyairbyte
 */
const python = process.env['PYAIRBYTE'] ?? '';
const execute = promisify(execFile);

const DAY = 86_400;
const UNLIMITED = { max_retries: 2, requests_per_second: 1000, endpoint_requests_per_second: 1000 };

/** What happens between the two syncs. */
const ADDED = { charges: 150, customers: 30, invoices: 40, refunds: 5 };

let sandbox: Sandbox;
// The sandbox's time while the first sync reads, so that the second can find what is a few hours old.
const yesterday = Math.floor(Date.now() / 1000) - DAY;
let folder: string;
const listings = new Map<string, ReadonlyMap<string, Row>>();
const keys = new Map<string, ReadonlySet<string>>();

describe.skipIf(python === '')('PyAirbyte (not run unless PYAIRBYTE names a Python that has it)', () => {
  let first: Summary;
  let second: Summary;

  beforeAll(async () => {
    sandbox = await startSandbox({ now: yesterday });
    folder = await mkdtemp(join(tmpdir(), 'pyairbyte-'));
  });

  afterAll(async () => {
    await sandbox?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function drive(config: object): Promise<Summary> {
    const { url: api_base, apiKey } = sandbox;
    await writeFile(join(folder, 'config.json'), JSON.stringify({ api_base, ...UNLIMITED, ...config }));
    const options = ['--api-key-env', 'KEY', '--config', 'config.json', '--database', 'stripe.duckdb', '--json'];
    const { stdout } = await execute(python, [script('drive.py'), ...options], {
      cwd: folder,
      env: { ...process.env, KEY: apiKey, AIRBYTE_PROJECT_DIR: folder },
      maxBuffer: 2 ** 26,
    });
    return JSON.parse(stdout) as Summary;
  }

  it('PyAirbyte checks, discovers, and reads every stream into DuckDB with the rows, ids and sums of the sandbox', async () => {
    first = await drive({ end_date: new Date(yesterday * 1000).toISOString() });
    expect(Object.keys(first.streams).sort()).toEqual([...first.available].sort());
    expect(first.streams).toMatchObject(await expected(first));
  }, 300_000);

  it('a second sync of PyAirbyte reads what was added, and the tables are again what the sandbox lists', async () => {
    sandbox.advance(DAY);
    for (const [collection, count] of Object.entries(ADDED)) sandbox.append(collection, count, yesterday + DAY / 2);
    second = await drive({});
    expect(second.streams).toMatchObject(await expected(second));
    expect(second.streams['charges']?.sums).toHaveProperty('amount');
    for (const [collection, count] of Object.entries(ADDED)) {
      expect(second.streams[collection]?.rows).toBe((first.streams[collection]?.rows ?? 0) + count);
    }
    console.log(`PyAirbyte: ${first.available.length} streams, ${rows(first)} rows, then ${rows(second)}`);
    console.log(`PyAirbyte: ${first.records_read} records in the first sync, ${second.records_read} in the second`);
  }, 300_000);

  it('a second sync of PyAirbyte does not read again what streams that can be incremental had', () => {
    const incremental = catalog
      .filter(isIncremental)
      .reduce((sum, { name }) => sum + (first.streams[name]?.rows ?? 0), 0);
    expect(incremental).toBeGreaterThan(10_000);
    expect(second.records_read).toBeLessThan(first.records_read - 0.75 * incremental);
  });
});

it.skipIf(python === '')('metadata.yaml is valid by the model of the connector registry', async () => {
  await expect(execute(python, [script('validate_metadata.py')])).resolves.toBeDefined();
});

/**
 * The tables as they must be: what the sandbox lists, and listed before. Stripe forgets old events, a table does not. Of
 * the lists that are not walked here, the sandbox says how many rows they have.
 */
async function expected({ streams }: Summary): Promise<Readonly<Record<string, Partial<Table>>>> {
  const tables: Record<string, Partial<Table>> = {};
  for (const [name, { sums }] of Object.entries(streams)) {
    if (!isListed(name)) {
      const all = new Set([...(keys.get(name) ?? []), ...sandbox.rows(name)]);
      keys.set(name, all);
      tables[name] = { rows: all.size };
      continue;
    }
    const objects = new Map([...(listings.get(name) ?? []), ...byId(await listed(sandbox, name))]);
    listings.set(name, objects);
    tables[name] = tableOf([...objects.values()], Object.keys(sums));
  }
  return tables;
}

interface Table {
  readonly rows: number;
  readonly ids: number;
  readonly sums: Readonly<Record<string, number>>;
}

/** What drive.py prints. */
interface Summary {
  readonly available: readonly string[];
  readonly records_read: number;
  readonly streams: Readonly<Record<string, Table>>;
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function byId(objects: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(objects.map((row) => [row.id, row]));
}

/** What drive.py says of a table, computed from the objects themselves: the columns that are Stripe's own. */
function tableOf(objects: readonly Row[], columns: readonly string[]): Table {
  const sum = (column: string): number => objects.reduce((total, row) => total + Number(row[column] ?? 0), 0);
  const own = columns.filter((column) => objects.some((row) => column in row));
  const sums = Object.fromEntries(own.map((column) => [column, sum(column)]));
  return { rows: objects.length, ids: objects.length, sums };
}

function rows({ streams }: Summary): number {
  return Object.values(streams).reduce((total, table) => total + table.rows, 0);
}
