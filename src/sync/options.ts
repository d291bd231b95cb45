import type { ConfiguredStream } from '../protocol/catalog.js';
import type { Write } from '../protocol/messages.js';
import type { InputState } from '../protocol/state.js';
import type { StreamDefinition } from '../streams/definition.js';
import type { ExpandedFields } from '../streams/expand.js';
import type { Client } from '../stripe/client.js';
import type { AccountStream } from './output/account-stream.js';
import type { Seconds } from './progress/slice.js';
import type { Window } from './rows/rows.js';

/** What a sync is asked to do, and what it may use. */
export interface SyncOptions {
  readonly client: Client;
  readonly write: Write;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Aborted to stop the sync: workers finish the page in hand and begin no other. */
  readonly signal: AbortSignal;
  readonly streams: readonly ConfiguredStream[];
  readonly catalog: readonly StreamDefinition[];
  readonly state: InputState;
  readonly window: Window;
  readonly lookback: Seconds;
  /** How many requests may be in flight. */
  readonly maxConcurrency: number;
  /** One request at a time for each list, rows in Stripe's own order. */
  readonly isSerial: boolean;
  readonly livemode: boolean | undefined;
  /** For each stream, the fields that the user wants expanded. */
  readonly expand: ExpandedFields;
  /** The platform's number for this job; all attempts of the job share it. */
  readonly job: string | undefined;
  /** The connected account to read, if the configuration names one. */
  readonly accountId: string | undefined;
  /** Called once the streams of the sync are known. Returns a function to call when the sync is over. */
  readonly watch: (running: Running) => () => void;
}

/** A sync under way. */
export interface Running {
  readonly streams: readonly AccountStream[];
  /** Makes every stream that is being read repeat its STATE. */
  readonly beat: () => Promise<void>;
}
