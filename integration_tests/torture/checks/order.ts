import type { Life } from '../life.js';
import type { Ledger } from './ledger.js';

/** With `loading_mode: sync`, a stream that nobody disturbs comes in the order of Stripe's lists. */
export function* disorder({ plan, root, entries }: Ledger, life: Life): Generator<string> {
  const places = new Map((life.end.get(plan.name) ?? []).map(({ key }, place) => [key, place]));
  for (const [n, { attempt, emitted }] of entries.entries()) {
    const isOrdered = attempt.plan.loading === 'sync' && !attempt.states.has(plan.name);
    const isDisturbed = attempt.plan.faults.length > 0 || attempt.removals.some(({ list }) => list === root.name);
    if (!isOrdered || isDisturbed) continue;
    const order = emitted.flatMap((key) => places.get(key) ?? []);
    const wrong = order.findIndex((place, index) => place <= (order[index - 1] ?? -1));
    if (wrong >= 0) yield `attempt ${n + 1} emits row ${wrong + 1} of ${plan.name} out of Stripe's order`;
  }
}
