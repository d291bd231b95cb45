import { intruders, losses } from './checks/completeness.js';
import { wrongEndings } from './checks/endings.js';
import { wrongLists } from './checks/items.js';
import { ledgersOf } from './checks/ledger.js';
import { mistakes } from './checks/messages.js';
import { disorder } from './checks/order.js';
import { costs } from './checks/refusals.js';
import { repeats } from './checks/repeats.js';
import { risks } from './checks/risk.js';
import { mixedShapes } from './checks/shape.js';
import { type Life, live } from './life.js';
import type { Runner } from './runner.js';
import type { Scenario } from './scenario.js';

const SHOWN = 12;

/** Nothing is lost, whatever happens: lives through the scenario, and throws an Error that says what went wrong in it. */
export async function endure(scenario: Scenario, runner: Runner): Promise<void> {
  const problems = [...problemsOf(await live(scenario, runner))];
  if (problems.length === 0) return;
  const more = problems.length > SHOWN ? [`and ${problems.length - SHOWN} more`] : [];
  throw new Error([...problems.slice(0, SHOWN), ...more].join('\n'));
}

function* problemsOf(life: Life): Generator<string> {
  const { streams } = life.scenario;
  for (const [n, attempt] of life.attempts.entries()) {
    for (const mistake of mistakes(attempt, streams)) yield `attempt ${n + 1}: ${mistake}`;
    for (const mixed of mixedShapes(attempt, streams)) yield `attempt ${n + 1}: ${mixed}`;
  }
  yield* wrongEndings(life);
  yield* wrongLists(life);
  for (const ledger of ledgersOf(life)) {
    for (const check of [losses, costs, intruders, repeats, risks, disorder]) yield* check(ledger, life);
  }
}
