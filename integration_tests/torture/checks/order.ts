import type { Life } from '../life.js';
import { keyOfStream } from '../own.js';
import type { ChangePlan } from '../scenario.js';
import type { Ledger } from './ledger.js';

/** With `loading_mode: sync`, an undisturbed stream has the order of Stripe's lists. */
export function* disorder({ plan, definition, root, entries }: Ledger, life: Life): Generator<string> {
  // Items that their parent embeds have the order in which it embeds them.
  const list = life.scenario.lists.find(({ name }) => name === root.name);
  if (definition.parent?.embeddedIn !== undefined && list?.embedded.items === 'last') return;
  const places = new Map((life.end.get(plan.name) ?? []).map(({ key }, place) => [key, place]));
  for (const [n, { attempt, emitted }] of entries.entries()) {
    const isOrdered = attempt.plan.loading === 'sync' && !attempt.states.has(keyOfStream(plan));
    const { faults, changes } = attempt.plan;
    const hasLost = attempt.removals.some(({ list }) => list === root.name) || changes.some(isLoss);
    if (!isOrdered || faults.length > 0 || hasLost) continue;
    const order = emitted.flatMap((key) => places.get(key) ?? []);
    const wrong = order.findIndex((place, index) => place <= (order[index - 1] ?? -1));
    if (wrong >= 0) yield `attempt ${n + 1} emits row ${wrong + 1} of ${plan.name} out of Stripe's order`;
  }
}

function isLoss({ kind }: ChangePlan): boolean {
  return kind === 'lose_item';
}
