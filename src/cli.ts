import { parseArgs } from 'node:util';
import type { Context, Watched } from './commands/context.js';
import { ConfigError, OutputError } from './protocol/errors.js';
import { traceError } from './protocol/messages.js';
import type { Writer } from './protocol/writer.js';

/** What the command line gets from the process. */
export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly writer: Writer;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly version: string;
  readonly keepSecret: (secrets: readonly string[]) => void;
  readonly every: Context['every'];
  readonly watch: (sync: Watched) => () => void;
}

/** Resolves to whether everything was done. */
type Command = (context: Context) => Promise<boolean>;

/** Commands are loaded when they are called: `spec` must not pay for what `read` needs. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  spec: async () => (await import('./commands/spec.js')).spec,
  check: async () => (await import('./commands/check.js')).check,
  discover: async () => (await import('./commands/discover.js')).discover,
  read: async () => (await import('./commands/read.js')).read,
};

/** What `--help` prints. */
export const USAGE = `Usage: source-stripe <command>

  spec                                             what a configuration may hold
  check --config <file>                            whether Stripe can be read with it
  discover --config <file>                         the streams and their schemas
  read --config <file> --catalog <file> [--state <file>]
                                                   the rows, as Airbyte protocol messages on stdout
`;

/**
 * Runs one command; resolves to the exit code once all output is written. The one place where an error becomes a TRACE.
 * Rejects with an OutputError when the reader is gone, and with the signal's reason when it was told to stop.
 */
export async function run(args: readonly string[], environment: Environment): Promise<number> {
  const { writer, signal, now } = environment;
  try {
    const isComplete = await execute(args, environment);
    await writer.flush();
    return isComplete ? 0 : 1;
  } catch (error) {
    if (error instanceof OutputError) throw error;
    if (signal.aborted) {
      await writer.flush();
      throw signal.reason;
    }
    const { traceOf } = await import('./failure.js');
    await writer.write(traceError(traceOf(error), now()));
    await writer.flush();
    return 1;
  }
}

async function execute(args: readonly string[], environment: Environment): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { config: { type: 'string' }, catalog: { type: 'string' }, state: { type: 'string' } },
    allowPositionals: true,
    strict: false,
  });
  const [name = '', ...rest] = positionals;
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) throw new ConfigError(`Unknown command "${name}". Use spec, check, discover or read.`);
  if (rest.length > 0)
    throw new ConfigError(`${name} takes no argument "${rest[0]}". Name files with --config, --catalog and --state.`);
  const command = await load();
  return command({ ...environment, write: environment.writer.write, files: filesIn(values) });
}

function filesIn(values: Readonly<Record<string, unknown>>): Context['files'] {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'string' && value !== ''));
}
