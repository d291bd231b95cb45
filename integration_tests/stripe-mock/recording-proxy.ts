import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that passed, and its answer. Only refusals keep their `body`. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
  readonly body: string;
}

export interface RecordingProxy {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  readonly close: () => Promise<void>;
}

/**
 * Passes every request on to `target`, an http origin on this machine, and keeps what was asked and answered. Of every
 * list with pages it says at first that there is more, so that the requests for a second page are made, too.
 */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  const server = createServer((incoming, outgoing) => forward({ target, incoming, outgoing, exchanges }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, exchanges, close };
}

interface Forwarding {
  readonly target: string;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly exchanges: Exchange[];
}

function forward({ target, incoming, outgoing, exchanges }: Forwarding): void {
  const { method = 'GET', headers } = incoming;
  const url = new URL(incoming.url ?? '/', target);
  const onward = request(url, { method, headers: { ...headers, host: url.host } }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => {
      const status = answer.statusCode ?? 0;
      const text = Buffer.concat(chunks).toString();
      const body = status >= 400 ? text : '';
      exchanges.push({ method, path: url.pathname, query: decodeURIComponent(url.search), status, body });
      outgoing.writeHead(status, { 'content-type': 'application/json' });
      outgoing.end(isFirstPage(url) ? claimMore(text) : text);
    });
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}

/** A request without a limit returns everything at once. */
function isFirstPage({ searchParams }: URL): boolean {
  return searchParams.has('limit') && !searchParams.has('starting_after');
}

function claimMore(body: string): string {
  return body.replaceAll(/"has_more": ?false/g, '"has_more": true');
}
