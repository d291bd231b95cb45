import { errorsOf } from '../../connector.js';
import type { Fault } from '../../sandbox/faults.js';
import type { Attempt, Life } from '../life.js';
import { keyOfStream } from '../own.js';
import type { ChangePlan } from '../scenario.js';
import type { Entry, Ledger } from './ledger.js';
import { UNREACHABLE } from './unreachable.js';

const SHOWN = 3;

/**
 * An object whose lists or expansion are refused costs only itself: everything else arrives in the same attempt, and
 * the error names the object. If a page is refused because of an expand but its objects are not, nothing is lost.
 */
export function* costs(ledger: Ledger, life: Life): Generator<string> {
  const name = keyOfStream(ledger.plan);
  for (const [n, entry] of ledger.entries.entries()) {
    if (!isRefusedOnly(entry.attempt)) continue;
    const refused = new Set([...entry.attempt.refused.map(({ id }) => id), ...UNREACHABLE]);
    const lost = missingIn(entry, life.end.get(ledger.plan.name) ?? []).filter(({ root }) => !refused.has(root));
    if (lost.length > 0) {
      const examples = lost.slice(0, SHOWN).map(({ key }) => key);
      yield `attempt ${n + 1} loses ${lost.length} rows of ${name} that nobody refused: ${examples.join(', ')}`;
    }
    if (entry.isComplete || entry.attempt.refused.length === 0 || lost.length > 0) continue;
    const isNamed = errorsOf(entry.attempt).some(({ message }) => [...refused].some((id) => message.includes(id)));
    if (!isNamed) yield `attempt ${n + 1} does not say what of ${name} was refused: ${[...refused].join(', ')}`;
  }
}

function missingIn({ due, before, emitted }: Entry, there: Iterable<Row>): readonly Row[] {
  const out = new Set([...before, ...emitted]);
  return [...there].filter(({ key, created }) => created >= due.from && created <= due.to && !out.has(key));
}

interface Row {
  readonly key: string;
  readonly created: number;
  readonly root: string;
}

/** Whether single objects were refused for good, or pages for their expand, and nothing else went wrong. */
export function isRefusedOnly({ plan, end, account }: Attempt): boolean {
  const isAlone = plan.faults.every(
    ({ target, fault }) => target.kind !== 'list' || isHarmless(fault, plan.faults.length),
  );
  const isWhole = plan.ending.kind === 'itself' && typeof end === 'number' && account !== 'other';
  return isAlone && isWhole && plan.faults.length > 0 && !plan.changes.some(isRemoval);
}

function isRemoval({ kind }: ChangePlan): boolean {
  return kind !== 'append';
}

/** How often a request is retried. */
const RETRIES = 2;

const RETRIED: readonly number[] = [409, 500, 503];
const HARMLESS: readonly Fault['kind'][] = ['429', 'lock_timeout', 'reset', 'cut', 'html', 'not_json'];

/** Whether a fault, one of several of its sort, ends before the retries do. */
export function isHarmless(fault: Fault, count: number): boolean {
  const isRetried = fault.kind === 'status' ? RETRIED.includes(fault.status ?? 500) : HARMLESS.includes(fault.kind);
  return isRetried && (fault.times ?? 1) * count <= RETRIES;
}
