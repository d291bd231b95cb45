import type { DatedKey } from '../../sandbox/inspection.js';
import type { Attempt, Life } from '../life.js';
import type { Ledger } from './ledger.js';

const SHOWN = 3;

/** Every object that existed and was never removed is safe once its stream is complete. */
export function* losses(ledger: Ledger, life: Life): Generator<string> {
  const { name } = ledger.plan;
  const there = life.end.get(name) ?? [];
  let excusedUntil = 0;
  for (const [n, { isComplete, lacksProduct, after, due }] of ledger.entries.entries()) {
    if (lacksProduct) excusedUntil = Math.max(excusedUntil, due.to);
    if (!isComplete) continue;
    const from = Math.max(due.from, excusedUntil === 0 ? 0 : excusedUntil + 1);
    const lost = there.filter(({ key, created }) => created >= from && created <= due.to && !after.has(key));
    if (lost.length === 0) continue;
    const examples = lost.slice(0, SHOWN).map(({ key, created }) => `${key} of ${created}`);
    yield `attempt ${n + 1} says that ${name} is complete, but ${lost.length} rows are lost: ${examples.join(', ')}`;
  }
}

/** No row is emitted that never existed, or that no configuration so far asked for. */
export function* intruders(ledger: Ledger, life: Life): Generator<string> {
  const { name } = ledger.plan;
  const known = new Map(everSeen(life, name).map(({ key, created }) => [key, created]));
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (const [n, { attempt, emitted }] of ledger.entries.entries()) {
    from = Math.min(from, attempt.dates.from);
    to = Math.max(to, attempt.dates.to);
    for (const key of emitted) {
      const created = known.get(key);
      if (created === undefined) yield `attempt ${n + 1} emits ${key} of ${name}, which does not exist`;
      else if (created < from || created > to) yield `attempt ${n + 1} emits ${key} of ${name}, beyond its dates`;
    }
  }
}

function everSeen({ start, end, attempts }: Life, name: string): readonly DatedKey[] {
  const removed = attempts.flatMap(({ removals }: Attempt) => removals.flatMap(({ before }) => before.get(name) ?? []));
  return [...(start.get(name) ?? []), ...removed, ...(end.get(name) ?? [])];
}
