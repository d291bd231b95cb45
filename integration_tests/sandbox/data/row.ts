import type { Row, World } from './model.js';
import { fraction, mix } from './random.js';
import type { Seconds } from './timeline.js';

export interface RowPlace {
  readonly world: World;
  readonly index: number;
  readonly id: string;
  readonly created: Seconds;
  readonly seed: number;
}

/** A row with its own randomness. */
export class SeededRow implements Row {
  readonly world: World;
  readonly index: number;
  readonly id: string;
  readonly created: Seconds;
  readonly #key: number;

  constructor({ world, index, id, created, seed }: RowPlace) {
    this.world = world;
    this.index = index;
    this.id = id;
    this.created = created;
    this.#key = mix(seed, index);
  }

  hash(salt: number): number {
    return mix(this.#key, salt);
  }

  between(salt: number, low: number, high: number): number {
    return low + (this.hash(salt) % (high - low + 1));
  }

  chance(salt: number, probability: number): boolean {
    return fraction(this.hash(salt)) < probability;
  }

  pick<T>(salt: number, from: readonly [T, ...T[]]): T {
    return from[this.hash(salt) % from.length] ?? from[0];
  }
}
