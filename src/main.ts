#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Writable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { run, USAGE } from './cli.js';
import type { Watched } from './commands/context.js';
import { startMeter } from './commands/meter.js';
import { OutputError } from './protocol/errors.js';
import { type Intake, waitForReader } from './protocol/patience.js';
import { createRedactor } from './protocol/redact.js';
import { createWriter } from './protocol/writer.js';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];
const SIGNAL_NUMBERS: Readonly<Record<Signal, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** How often to check whether the reader still reads. */
const LOOK_EVERY_MS = 250;

/**
 * V8 lets garbage grow to several times the live data, and pages of rows are large. With these flags, a first load of
 * charges peaks at 140 MB instead of 260 MB, for a third more CPU time (Node 20, 20 workers, 2026-11-21).
 */
const HEAP_FLAGS = ['--semi-space-growth-factor=1', '--heap-growing-percent=50'];

function main(): void {
  for (const flag of HEAP_FLAGS) setFlagsFromString(flag);
  const args = process.argv.slice(2);
  const version = readVersion();
  if (args.includes('--help') || args.includes('-h')) return void process.stderr.write(USAGE);
  if (args.includes('--version')) return void process.stderr.write(`${version}\n`);
  const { redact, keepSecret } = createRedactor();
  const stop = new AbortController();
  stopOnSignals(stop);
  const environment = {
    env: process.env,
    writer: createWriter(process.stdout, redact, (error) => stop.abort(error)),
    signal: stop.signal,
    now: Date.now,
    version,
    keepSecret,
    every: repeat,
    watch: process.stderr.isTTY ? watchOn(process.stderr) : () => () => {},
  };
  run(args, environment).then(end, (reason) => fail(reason, redact));
}

/** Ends the process once every line is written. It exits explicitly, because sockets that are kept alive would hold it up. */
function end(exitCode: number): void {
  process.exitCode = exitCode;
  setImmediate(() => process.exit());
}

function fail(reason: unknown, redact: (text: string) => string): void {
  if (isSignal(reason)) {
    dieOf(reason);
    return;
  }
  const isQuiet = reason instanceof OutputError && reason.readerGone;
  if (!isQuiet) process.stderr.write(`${redact(String(reason))}\n`);
  process.exit(1);
}

/** Aborts at the first signal, with its name as the reason. Ends the process if the reader does not take the rest. */
function stopOnSignals(stop: AbortController): void {
  for (const name of SIGNALS) {
    process.once(name, () => {
      stop.abort(name);
      const isOver = waitForReader(intakeOf(process.stdout), () => performance.now());
      const timer = setInterval(() => {
        if (!isOver()) return;
        clearInterval(timer);
        dieOf(name);
      }, LOOK_EVERY_MS).unref();
    });
  }
}

/**
 * What a pipe has accepted. Node reports a write only once all of it is through; the pipe's handle also counts parts
 * (undocumented; Node 20 to 24).
 */
function intakeOf(stdout: Writable): () => Intake {
  const handle: unknown = Reflect.get(stdout, '_handle');
  return () => {
    const [sent, queued] = [numberIn(handle, 'bytesWritten'), numberIn(handle, 'writeQueueSize')];
    const pending = stdout.writableLength;
    return { accepted: sent === undefined || queued === undefined ? -pending : sent - queued, isPending: pending > 0 };
  };
}

function numberIn(object: unknown, name: string): number | undefined {
  const value: unknown = typeof object === 'object' && object !== null ? Reflect.get(object, name) : undefined;
  return typeof value === 'number' ? value : undefined;
}

function repeat(ms: number, callback: () => Promise<void>): () => void {
  const timer = setInterval(() => void callback().catch(() => {}), ms).unref();
  return () => clearInterval(timer);
}

function isSignal(reason: unknown): reason is Signal {
  return SIGNALS.some((name) => name === reason);
}

/** Ends as if the signal had never been caught. For PID 1 the signal has no effect, so the exit code says the same. */
function dieOf(name: Signal): void {
  process.removeAllListeners(name);
  process.kill(process.pid, name);
  setTimeout(() => process.exit(128 + SIGNAL_NUMBERS[name]), 100);
}

/** Shows a sync on a terminal while it runs. */
function watchOn(terminal: NodeJS.WriteStream): (sync: Watched) => () => void {
  return (sync) => startMeter(sync, (text) => terminal.write(text), Date.now);
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String(version);
}

main();
