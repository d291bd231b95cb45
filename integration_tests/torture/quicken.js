// Makes waiting short, so that retries cost a test no time: delays below five seconds take a fiftieth. Longer ones are
// limits of patience and stay. Loaded into the test's own process, and with --import into the connector's; there
// TORTURE_NOW_MS says what time it is.

import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

const FACTOR = 50;
const LONG_MS = 5_000;

/** @param {number} [delayMs] */
const shorten = (delayMs = 0) => (delayMs < LONG_MS ? delayMs / FACTOR : delayMs);

const { setTimeout: wait } = globalThis;
globalThis.setTimeout = Object.assign((run, delayMs, ...args) => wait(run, shorten(delayMs), ...args), wait);

const { setTimeout: sleep } = timers;
timers.setTimeout = (delayMs, ...rest) => sleep(shorten(delayMs), ...rest);
syncBuiltinESMExports();

const startMs = Number(process.env['TORTURE_NOW_MS'] ?? 0);
if (startMs > 0) {
  const { now } = Date;
  const offsetMs = startMs - now();
  Date.now = () => now() + offsetMs;
}
