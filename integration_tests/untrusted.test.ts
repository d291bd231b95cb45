import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { catalogOf, errorsOf, idsOf, logsOf, runConnector } from './connector.js';
import { configOf } from './own-sandbox.js';
import { type Sandbox, startSandbox } from './sandbox/sandbox.js';

/**
 * Signed by itself, for localhost, valid until 2126. Nothing trusts it, so its key is no secret. Made with
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -addext subjectAltName=DNS:localhost`.
 */
const CERTIFICATE = fileOf('self-signed-localhost.pem');
const KEY = fileOf('self-signed-localhost.test-key.pem');

function fileOf(name: string): string {
  return new URL(`certificates/${name}`, import.meta.url).pathname;
}

let sandbox: Sandbox;
let server: https.Server;
let refusals: string[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ rows: { charges: 20 } });
  server = https.createServer({ key: readFileSync(KEY), cert: readFileSync(CERTIFICATE) }, forward);
  server.on('tlsClientError', (error) => refusals.push(error.message));
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
});

beforeEach(() => {
  sandbox.resetLog();
  refusals = [];
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await sandbox.close();
});

/** Passes a request on to the sandbox. */
function forward({ url, method, headers }: http.IncomingMessage, outgoing: http.ServerResponse): void {
  const onward = http.request(`${sandbox.url}${url}`, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  onward.end();
}

function at(host: string) {
  const { port } = server.address() as AddressInfo;
  return configOf(sandbox, { api_base: `https://${host}:${port}` });
}

const TRUST = { NODE_EXTRA_CA_CERTS: CERTIFICATE };

it.each([
  ['is signed by itself', 'localhost', {}, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['is for another name', '127.0.0.1', TRUST, 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('check says that the certificate of a server is not trusted, and what to do, when it %s', async (_, host, env, code) => {
  const { messages } = await runConnector({ command: 'check', config: at(host), env });
  const [status] = messages.flatMap((each) => (each.type === 'CONNECTION_STATUS' ? [each.connectionStatus] : []));
  expect(status?.status).toBe('FAILED');
  expect(status?.message).toMatch(new RegExp(`certificate of the server is not trusted.*${code}.*NODE_EXTRA_CA_CERTS`));
  expect(status?.message).not.toContain('api_version');
  expect(sandbox.requests()).toEqual([]);
});

it('read fails at once, in the same words and without a retry, when the certificate of the server is not trusted', async () => {
  const result = await runConnector({ command: 'read', config: at('localhost'), catalog: catalogOf(['charges']) });
  expect([result.code, idsOf(result)]).toEqual([1, []]);
  for (const { failure_type, message } of errorsOf(result)) {
    expect([failure_type, message]).toEqual(['config_error', expect.stringContaining('NODE_EXTRA_CA_CERTS')]);
  }
  expect(errorsOf(result).length).toBeGreaterThan(0);
  expect([logsOf(result, 'WARN').filter((line) => line.includes('retry')), refusals.length]).toEqual([[], 1]);
});

it('every row arrives from a server whose certificate NODE_EXTRA_CA_CERTS names', async () => {
  const run = { command: 'read', config: at('localhost'), catalog: catalogOf(['charges']), env: TRUST };
  const result = await runConnector(run);
  expect([result.code, errorsOf(result), idsOf(result).length]).toEqual([0, [], 20]);
});
