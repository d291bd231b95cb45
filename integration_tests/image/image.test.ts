import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Message, Stream } from '../../src/protocol/messages.js';
import { idsOf, lastStates } from '../connector.js';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.js';
import { docker, type Outcome, startDocker } from './docker.js';

/**
 * Builds the image and runs it as orchestrators do, against the sandbox:
 *
 *     TEST_IMAGE=source-stripe:test npx vitest run integration_tests/image
 */
const image = process.env['TEST_IMAGE'] ?? '';
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The effect of orchestrators' security settings. */
const SURROUNDINGS: Readonly<Record<string, readonly string[]>> = {
  'its own uid 1000': [],
  'a uid that the image does not know': ['--user', '4242:4242'],
  'a read-only root file system': ['--read-only'],
  'no capabilities and no new privileges': ['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  'all of these at once': ['--user', '4242:4242', '--read-only', '--cap-drop', 'ALL'],
};

const UNLIMITED = { max_retries: 2, requests_per_second: 1000, endpoint_requests_per_second: 1000 };

let sandbox: Sandbox;
let folder: string;
let streams: readonly Stream[];

async function setUp(): Promise<void> {
  const build = await docker(['build', '--tag', image, root]);
  expect(build.code, build.stdout + build.stderr).toBe(0);
  // An hour old, so that no object is too young to be read.
  sandbox = await startSandbox({ now: Math.floor(Date.now() / 1000) - 3600 });
  // Orchestrators hand over files that cannot be written, under names of their own.
  folder = await mkdtemp(join(tmpdir(), 'image-'));
  await chmod(folder, 0o755);
  await file('config.txt', { api_key: sandbox.apiKey, api_base: sandbox.url, ...UNLIMITED });
  streams = catalogOf(await run(['discover', '--config', '/data/config.txt']));
  await file('catalog.txt', { streams: ['charges', 'refunds', 'invoice_line_items'].map(configured) });
}

async function tearDown(): Promise<void> {
  await sandbox?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
}

async function file(name: string, content: object): Promise<void> {
  await writeFile(join(folder, name), JSON.stringify(content));
  await chmod(join(folder, name), 0o444);
}

function configured(name: string): object {
  const stream = streams.find((candidate) => candidate.name === name);
  return { stream, sync_mode: stream?.supported_sync_modes.at(-1), destination_sync_mode: 'append' };
}

function inContainer(flags: readonly string[]): string[] {
  return ['run', '--rm', '--network', 'host', '--volume', `${folder}:/data:ro`, ...flags, image];
}

function run(command: readonly string[], flags: readonly string[] = []): Promise<Outcome> {
  return docker([...inContainer(flags), ...command]);
}

/** Ids of charges that the sandbox has and the messages lack. */
function missing(messages: readonly Message[]): readonly string[] {
  const got = new Set(idsOf({ messages }, 'charges'));
  return sandbox.ids('charges').filter((id) => !got.has(id));
}

/** Megabytes that the image adds to its base. */
async function added(): Promise<number> {
  const { stdout } = await docker(['run', '--rm', '--entrypoint', 'du', image, '-sm', '/airbyte']);
  return Number.parseInt(stdout, 10);
}

const READ = ['read', '--config', '/data/config.txt', '--catalog', '/data/catalog.txt'];
const surroundings = Object.entries(SURROUNDINGS);

describe.skipIf(image === '')('the image (not run unless TEST_IMAGE names a tag to build)', () => {
  beforeAll(setUp, 900_000);
  afterAll(tearDown);

  testCommands();
  testReads();
  testContents();
});

function testCommands(): void {
  it.each(surroundings)('the image prints its spec under %s', async (_, flags) => {
    const { code, messages } = await run(['spec'], flags);
    expect([code, messages.map(({ type }) => type)]).toEqual([0, ['SPEC']]);
  });

  it.each(surroundings)('the image checks the connection under %s', async (_, flags) => {
    const { code, messages } = await run(['check', '--config', '/data/config.txt'], flags);
    const statuses = messages.flatMap((message) =>
      message.type === 'CONNECTION_STATUS' ? [message.connectionStatus.status] : [],
    );
    expect([code, statuses]).toEqual([0, ['SUCCEEDED']]);
  });

  it.each(surroundings)('the image discovers the streams under %s', async (_, flags) => {
    const outcome = await run(['discover', '--config', '/data/config.txt'], flags);
    expect([outcome.code, catalogOf(outcome)]).toEqual([0, streams]);
  });

  it.each(surroundings)('the image reads every record and leaves stderr empty under %s', async (_, flags) => {
    const { code, messages, stderr } = await run(READ, flags);
    expect([code, stderr]).toEqual([0, '']);
    expect(missing(messages)).toEqual([]);
  });
}

function testReads(): void {
  it('the image runs from another working directory by AIRBYTE_ENTRYPOINT, as the platform runs it', async () => {
    const flags = ['run', '--rm', '--workdir', '/tmp', '--entrypoint', 'sh', image];
    const { code, messages } = await docker([...flags, '-c', 'eval "$AIRBYTE_ENTRYPOINT spec"']);
    expect([code, messages.map(({ type }) => type)]).toEqual([0, ['SPEC']]);
  });

  it('the image reads nothing a second time when it is given the state of the first read', async () => {
    await file('first.txt', lastStates(await run(READ)));
    const second = await run([...READ, '--state', '/data/first.txt']);
    expect([second.code, idsOf(second, 'charges'), idsOf(second, 'refunds')]).toEqual([0, [], []]);
  });

  it('the image ends with 143 on SIGTERM as PID 1, and the next read continues from its last state', async () => {
    await file('slow.txt', { api_key: sandbox.apiKey, api_base: sandbox.url, ...UNLIMITED, requests_per_second: 2 });
    const name = `source-stripe-${process.pid}`;
    const slow = READ.map((argument) => argument.replace('config.txt', 'slow.txt'));
    const { outcome, printed } = startDocker([...inContainer(['--name', name]), ...slow]);
    await printed((line) => line.includes('"type":"STATE"'));
    await docker(['kill', '--signal', 'TERM', name]);
    const first = await outcome;
    expect(first.code).toBe(143);
    expect(missing(first.messages).length).toBeGreaterThan(0);

    await file('stopped.txt', lastStates(first));
    const second = await run([...READ, '--state', '/data/stopped.txt']);
    const both = [...idsOf(first, 'charges'), ...idsOf(second, 'charges')];
    expect(second.code).toBe(0);
    expect(missing([...first.messages, ...second.messages])).toEqual([]);
    expect(new Set(both).size).toBe(both.length);
  });
}

function testContents(): void {
  it('the image is labelled as metadata.yaml says, small, and not root', async () => {
    const [{ Config, Size }] = JSON.parse((await docker(['image', 'inspect', image])).stdout) as [Inspected];
    const { data } = parse(await readFile(join(root, 'metadata.yaml'), 'utf8')) as { data: Record<string, string> };
    console.log(`image: ${Math.round(Size / 1e6)} MB, of which ours are ${await added()} MB`);
    expect(Config.Labels).toMatchObject({
      'io.airbyte.name': data['dockerRepository'],
      'io.airbyte.version': data['dockerImageTag'],
      'org.opencontainers.image.version': data['dockerImageTag'],
    });
    expect(Config.Env).toContain(`AIRBYTE_ENTRYPOINT=${Config.Entrypoint.join(' ')}`);
    expect(Config.User).toBe('1000:1000');
    expect(await added()).toBeLessThan(20);
  });

  it('the image names its user airbyte and holds no development dependency', async () => {
    const list = 'id -un; ls -A . node_modules';
    const { stdout } = await docker(['run', '--rm', '--entrypoint', 'sh', image, '-c', list]);
    expect(stdout.split('\n')[0]).toBe('airbyte');
    expect(stdout).not.toMatch(/^(typescript|vitest|src|\.git)$/m);
  });
}

interface Inspected {
  readonly Size: number;
  readonly Config: {
    readonly Labels: Readonly<Record<string, string>>;
    readonly Env: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly User: string;
  };
}

function catalogOf({ messages }: Outcome): readonly Stream[] {
  return messages.flatMap((message) => (message.type === 'CATALOG' ? message.catalog.streams : []));
}
