import type { LogLevel } from '../../protocol/messages.js';
import type { Client, Observer } from '../../stripe/client.js';
import type { Seconds } from '../progress/slice.js';
import type { Expansions } from './expansions.js';

/** Writes a LOG message. */
export type Say = (level: LogLevel, text: string) => Promise<void>;

/** What is needed to read data of an account. */
export interface Access {
  /** Sends the account with every request. */
  readonly client: Client;
  readonly expansions: Expansions;
  readonly say: Say;
}

/** An account whose data is read. */
export interface Account extends Access {
  /** Undefined if the key may not see the account and the configuration does not name it. */
  readonly id: string | undefined;
  /** Whether the account is read in live mode; undefined if the key does not tell. */
  readonly livemode: boolean | undefined;
  /** The time of this sync, by the local clock or Stripe's, whichever is behind; fixed before it asks for any rows. */
  readonly horizon: Seconds;
  /** When the account began, as far as is known. This only decides where slices are split. */
  readonly floor: Seconds;
  readonly ending: Ending;
}

/** Why nothing more of an account can be read. The first reason stays. */
export class Ending {
  #failure: Failure | undefined;

  get failure(): Failure | undefined {
    return this.#failure;
  }

  note(error: unknown): void {
    this.#failure ??= { error };
  }
}

/** Why a list, or an account, cannot be read any further. */
export interface Failure {
  readonly error: unknown;
}

/** The same access, but the observer hears of every request. */
export function observed({ client, expansions, say }: Access, observer: Observer): Access {
  return { client: { ...client, get: (request) => client.get({ ...request, observer }) }, expansions, say };
}
