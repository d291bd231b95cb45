import type { Message } from '../../src/protocol/messages.js';
import { catalog } from '../../src/streams/catalog.js';
import type { Parent, StreamDefinition } from '../../src/streams/definition.js';
import { type Row, valueAt } from '../../src/sync/rows/rows.js';
import { configFile, MAIN, measure, read, UNLIMITED } from './process.js';
import { type RemoteSandbox, startRemoteSandbox } from './remote-sandbox.js';
import { count, type Report } from './report.js';

const ROWS = 20;

type RowsByStream = ReadonlyMap<string, readonly Row[]>;

/** `discover` for all streams, and a sync of all of them: its requests beside the fewest that are possible. */
export async function benchCatalog(report: Report): Promise<void> {
  const sandbox = await startRemoteSandbox({ rows: ROWS });
  let bytes = 0;
  const discovered = await measure([MAIN, 'discover', '--config', configFile(sandbox, UNLIMITED)], (chunk) => {
    bytes += chunk.length;
  });
  report.add({
    what: 'time of discover / 1 s',
    ratio: discovered.seconds,
    goal: { atMost: 1 },
    raw: `${catalog.length} streams`,
  });
  report.add({
    what: 'size of discover / 6 MB',
    ratio: bytes / 6e6,
    goal: { atMost: 1 },
    raw: `${(bytes / 1e6).toFixed(2)} MB`,
  });
  await benchEveryStream(report, sandbox);
  sandbox.stop();
}

async function benchEveryStream(report: Report, sandbox: RemoteSandbox): Promise<void> {
  await sandbox.requests();
  const chunks: Buffer[] = [];
  await read(sandbox, {
    streams: catalog.map(({ name }) => ({ stream: { name }, sync_mode: 'full_refresh' })),
    onOutput: (chunk) => chunks.push(chunk),
  });
  const asked = (await sandbox.requests()).length;
  const fewest = await fewestRequests(sandbox, rowsOf(Buffer.concat(chunks).toString()));
  report.add({
    what: 'requests for every stream / fewest possible',
    ratio: asked / fewest,
    goal: { atMost: 1.03 },
    raw: `${count(asked)} / ${count(fewest)}`,
  });
}

function rowsOf(output: string): RowsByStream {
  const rows = new Map<string, Row[]>(catalog.map(({ name }) => [name, []]));
  for (const line of output.trimEnd().split('\n')) {
    const message: Message = JSON.parse(line);
    if (message.type === 'RECORD') rows.get(message.record.stream)?.push(message.record.data);
  }
  return rows;
}

/**
 * The fewest requests that can give these rows: one for the account; the pages of each top-level list, and of each list
 * of a parent that Stripe does not embed; and one for each hundred items beyond the ten that it embeds.
 */
async function fewestRequests(sandbox: RemoteSandbox, rows: RowsByStream): Promise<number> {
  const roots = catalog.filter(({ parent }) => parent === undefined);
  const pages = roots.map((root) => pagesOf(root, rows.get(root.name)?.length ?? 0));
  const completions = roots.flatMap(({ name }) => (rows.get(name) ?? []).map(pagesBeyondEmbedded));
  let requests = 1 + sum(pages) + sum(completions);
  for (const child of catalog) requests += await pagesOfChild(sandbox, child, rows);
  return requests;
}

async function pagesOfChild(sandbox: RemoteSandbox, stream: StreamDefinition, rows: RowsByStream): Promise<number> {
  const { name, parent } = stream;
  if (!parent || parent.embeddedIn !== undefined) return 0;
  const parents = (rows.get(parent.stream.name) ?? []).filter((row) => hasList(parent, row));
  const items = await sandbox.items({ list: name, parents: parents.map(({ id }) => String(id)) });
  return sum(items.map((length) => pagesOf(stream, length)));
}

/** An empty list costs a request, too. */
function pagesOf({ path, paginates }: StreamDefinition, items: number): number {
  if (paginates === false) return 1;
  return Math.max(1, Math.ceil(items / (path.startsWith('/v2/') ? 20 : 100)));
}

/** The items that Stripe does not embed in each list of a row: it embeds ten. */
function pagesBeyondEmbedded(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items = 'has_more' in value && 'data' in value && Array.isArray(value.data) ? value.data.length : 0;
  const own = Math.ceil(Math.max(0, items - 10) / 100);
  return own + sum(Object.values(value).map(pagesBeyondEmbedded));
}

function hasList({ only, query = {} }: Parent, row: Row): boolean {
  const isMeant = only === undefined || valueAt(row, only.field) === only.is;
  return isMeant && Object.values(query).every((field) => (valueAt(row, field) ?? null) !== null);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
