import { parseArgs } from 'node:util';
import type { Limits } from './api/limits.js';
import { type SandboxOptions, startSandbox } from './sandbox.js';

const HELP = `A Stripe of your own, on this machine only. Runs until it is interrupted.

  --port <n>          default 12111
  --seed <n>          the same seed and now give the same data; default 1
  --now <seconds>     what the data take for now; default: the time at the start
  --rows <n>          objects in every collection, or some: charges=100000,customers=5000; default: a small shop
  --history-days <n>  default 730
  --latency <ms>      how long an answer takes; default 0
  --limits <limits>   account=25,endpoint=25,concurrency=20,endpointConcurrency=10; default: none
  --skew <seconds>    how far the Date header is ahead; default 0
  --help
`;

const FLAGS = {
  port: { type: 'string' },
  seed: { type: 'string' },
  now: { type: 'string' },
  rows: { type: 'string' },
  'history-days': { type: 'string' },
  latency: { type: 'string' },
  limits: { type: 'string' },
  skew: { type: 'string' },
  help: { type: 'boolean' },
} as const;

const LIMITS = ['account', 'endpoint', 'concurrency', 'endpointConcurrency'] as const;
const DEFAULT_PORT = 12111;

/** The options that the command line sets; undefined if it asks for help. Throws if it is not understood. */
function optionsOf(argv: readonly string[]): SandboxOptions | undefined {
  const { values } = parseArgs({ args: [...argv], options: FLAGS });
  if (values.help) return undefined;
  const { rows, limits } = values;
  const some = {
    seed: numberOf('seed', values.seed),
    now: numberOf('now', values.now),
    rows: rows?.includes('=') ? pairsOf('rows', rows) : numberOf('rows', rows),
    historyDays: numberOf('history-days', values['history-days']),
    latencyMs: numberOf('latency', values.latency),
    limits: limits === undefined ? undefined : limitsOf(limits),
    clockSkewSeconds: numberOf('skew', values.skew),
  };
  const given = Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined));
  return { port: numberOf('port', values.port) ?? DEFAULT_PORT, ...given };
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new Error(`--${name} has to be a number, not '${text}'`);
  return value;
}

/** `a=1,b=2` as a record. */
function pairsOf(name: string, text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [key = '', value = ''] = pair.split('=', 2);
      return [key.trim(), numberOf(`${name} ${key}`, value) ?? 0];
    }),
  );
}

function limitsOf(text: string): Limits {
  const limits = pairsOf('limits', text);
  const unknown = Object.keys(limits).find((name) => !LIMITS.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`--limits knows ${LIMITS.join(', ')}, not '${unknown}'`);
  return limits;
}

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2));
  if (!options) {
    process.stdout.write(HELP);
    return;
  }
  const sandbox = await startSandbox({ logLimit: 1000, ...options });
  process.stdout.write(`api_base: ${sandbox.url}\napi_key: ${sandbox.apiKey}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void sandbox.close();
    });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
