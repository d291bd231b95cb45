import type { Message } from '../../src/protocol/messages.js';
import { parseMessage } from '../connector.js';

/** What one attempt is given. */
export interface Order {
  readonly config: object;
  readonly catalog: object;
  /** The last state of each stream, in any form; undefined for the first attempt. */
  readonly state: unknown;
  readonly job: string | null;
  /** The attempt's own clock at its start. Epoch milliseconds. */
  readonly startMs: number;
  /** After which line the attempt is ended from outside; 0 for not at all. */
  readonly lines: number;
  readonly signal: 'SIGTERM' | 'SIGKILL';
}

/** What a reader has seen of an attempt, and how it ended: with an exit code, or by a signal. */
export interface Seen {
  readonly messages: readonly Message[];
  readonly end: number | 'SIGTERM' | 'SIGKILL' | 'hangs';
}

export type Runner = (order: Order) => Promise<Seen>;

/** An attempt that takes longer is stuck, because the data are small and waits are short. */
export const PATIENCE_MS = 30_000;

export function seen(lines: readonly string[], end: Seen['end']): Seen {
  return { messages: lines.map(parseMessage), end };
}
