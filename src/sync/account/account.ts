import type { LogLevel } from '../../protocol/messages.js';
import type { Client, Observer } from '../../stripe/client.js';
import type { Seconds } from '../progress/slice.js';
import type { Expansions } from './expansions.js';

/** Writes a line for people. */
export type Say = (level: LogLevel, text: string) => Promise<void>;

/** What it takes to read something of an account. */
export interface Access {
  /** Its requests carry the account. */
  readonly client: Client;
  readonly expansions: Expansions;
  readonly say: Say;
}

/** An account whose data is read. */
export interface Account extends Access {
  /** Undefined where the key may not see it, and the configuration does not name it. */
  readonly id: string | undefined;
  /** Whether it is live data, where the key tells. */
  readonly livemode: boolean | undefined;
  /** The clock of this sync, fixed before its first request for rows: the local one or Stripe's, whichever is behind. */
  readonly horizon: Seconds;
  /** When the account began, as far as is known. Nothing depends on it but where slices are split. */
  readonly floor: Seconds;
  readonly ending: Ending;
}

/** Why nothing of an account can be read any more: the first reason that was found. */
export class Ending {
  #failure: Failure | undefined;

  get failure(): Failure | undefined {
    return this.#failure;
  }

  note(error: unknown): void {
    this.#failure ??= { error };
  }
}

/** What ends the reading of a list, or of an account. */
export interface Failure {
  readonly error: unknown;
}

/** The same access, with every request told to this observer. */
export function observed({ client, expansions, say }: Access, observer: Observer): Access {
  return { client: { ...client, get: (request) => client.get({ ...request, observer }) }, expansions, say };
}
