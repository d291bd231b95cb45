import type { StreamDefinition } from '../streams/definition.js';
import type { ListContext } from './lists/lists.js';
import type { Reading } from './output/reading.js';
import type { Pool } from './pool.js';
import type { Seconds } from './progress/progress.js';
import type { Window } from './rows/rows.js';

/** A top-level list and the configured streams that live on it: its own and its children. */
export interface Family {
  readonly root: StreamDefinition;
  readonly readings: readonly Reading[];
}

export function isOfRoot({ root }: Family, { definition }: Reading): boolean {
  return definition === root;
}

/** What ends a family, or the whole sync. */
export interface Failure {
  readonly error: unknown;
}

/** What reading a family needs beside the family. */
export interface WalkContext extends ListContext {
  readonly window: Window;
  readonly now: () => number;
  /** Aborted when the sync is to stop: the page in hand is finished, no other is begun. */
  readonly signal: AbortSignal;
  readonly pool: Pool;
  /** Why nothing can be read any more, in no stream. */
  readonly ending: { failure?: Failure };
  /** Whether live data is read, where the key tells. */
  readonly livemode: boolean | undefined;
  /** One request at a time, newest first. */
  readonly isSerial: boolean;
  /** When the account began, as far as is known: nothing depends on it but where slices are split. */
  readonly floor: Seconds;
}
