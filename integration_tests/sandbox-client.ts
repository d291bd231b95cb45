import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { StreamDefinition } from '../src/streams/definition.js';
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox/sandbox.js';

/** A body, or an object in it. */
export type Json = Record<string, unknown>;

/** A list as an answer. */
export interface Page {
  readonly data: readonly Json[];
  readonly has_more: boolean;
}

/** What the data of the sandboxes take for now. */
export const NOW = 1_795_000_000;
/** Objects of each collection: more than a page. */
export const ROWS = 120;
const SMALL = { now: NOW, rows: ROWS, connectedRows: 12 } satisfies SandboxOptions;

/** For the tests that change nothing but faults. */
let shared: Sandbox;
/** The sandbox of the current test: the one that all tests of a file share, unless the test starts its own. */
export let sandbox: Sandbox;
const started: Sandbox[] = [];

/** Gives the test a sandbox of its own. */
export async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  sandbox = await startSandbox({ ...SMALL, ...options });
  started.push(sandbox);
  return sandbox;
}

beforeAll(async () => {
  shared = await startSandbox(SMALL);
});

beforeEach(() => {
  sandbox = shared;
});

afterEach(async () => {
  shared.clearFaults();
  shared.resetLog();
  await Promise.all(started.splice(0).map((it) => it.close()));
});

afterAll(() => shared.close());

/** A GET with the key of the sandbox. */
export function request(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(sandbox.url + path, {
    redirect: 'manual',
    headers: { authorization: `Bearer ${sandbox.apiKey}`, ...headers },
  });
}

/** The body of an answer. */
export async function get(path: string, headers?: Record<string, string>): Promise<Json> {
  return (await request(path, headers)).json() as Promise<Json>;
}

/** The body of an answer that is a list. */
export async function getPage(path: string, headers?: Record<string, string>): Promise<Page> {
  return (await get(path, headers)) as unknown as Page;
}

/** The error of a refusal, with its status. */
export async function getError(
  path: string,
  headers?: Record<string, string>,
): Promise<Json & { readonly status: number }> {
  const response = await request(path, headers);
  const body = (await response.json()) as { readonly error?: Json };
  return { status: response.status, ...body.error };
}

/** All items of a list, by way of its pages. */
export async function readAll(path: string, limit = 100, headers?: Record<string, string>): Promise<readonly Json[]> {
  const items: Json[] = [];
  for (let after = ''; ; after = `&starting_after=${items.at(-1)?.['id']}`) {
    const page = await getPage(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${after}`, headers);
    items.push(...page.data);
    if (!page.has_more) return items;
  }
}

/** The same for a list of API v2, whose pages lead to each other. */
async function readAllV2(path: string, limit: number): Promise<readonly Json[]> {
  const items: Json[] = [];
  for (let next: unknown = withQuery(path, { limit: String(limit) }); typeof next === 'string'; ) {
    const page: Json & { readonly data?: readonly Json[] } = await get(next);
    items.push(...(page.data ?? []));
    next = page['next_page_url'];
  }
  return items;
}

/** A path with further parameters. */
export function withQuery(path: string, params: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(params).toString();
  return query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

/** All of a list of the catalog, as the stream asks for it. */
export function readList(stream: StreamDefinition, path: string, limit?: number): Promise<readonly Json[]> {
  const asked = withQuery(path, stream.params ?? {});
  if (path.startsWith('/v2/')) return readAllV2(asked, limit ?? 20);
  if (stream.paginates === false) return getPage(asked).then(({ data }) => data);
  return readAll(asked, limit);
}

/** The endpoint of the items of a child, for one of its parents. */
export function pathFor(child: StreamDefinition, parent: Json): string {
  const query = Object.entries(child.parent?.query ?? {}).map(([name, field]) => [name, String(parent[field])]);
  return withQuery(child.path.replace('{id}', String(parent['id'])), Object.fromEntries(query));
}

/** The value at a path with dots; undefined where it leads nowhere. */
export function valueAt(row: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Json | null | undefined)?.[name], row);
}

export function idsOf(items: readonly Json[]): unknown[] {
  return items.map(({ id }) => id);
}
