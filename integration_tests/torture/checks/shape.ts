import { recordsOf } from '../../connector.js';
import { listFieldsOf, valueAt } from '../items.js';
import type { Attempt } from '../life.js';
import { keyOfStream, ownMessages } from '../own.js';
import type { StreamPlan } from '../scenario.js';

/**
 * All records of a stream have the same lists, whatever was refused midway. Lists deeper inside are not checked,
 * because the object around them may be null.
 */
export function* mixedShapes(attempt: Attempt, streams: readonly StreamPlan[]): Generator<string> {
  for (const stream of streams) {
    const records = recordsOf({ messages: ownMessages(attempt, stream) });
    for (const field of listFieldsOf(stream.name).filter(
      (each) => !each.includes('.') && isAlwaysThere(stream, each),
    )) {
      const having = records.filter(({ data }) => valueAt(data, field) !== undefined).length;
      if (having === 0 || having === records.length) continue;
      yield `${keyOfStream(stream)}: ${having} of ${records.length} records have ${field}`;
    }
  }
}

/** Only accounts that the platform controls have theirs. */
function isAlwaysThere({ name }: StreamPlan, field: string): boolean {
  return name !== 'accounts' || field !== 'external_accounts';
}
