import type { StripeError } from '../../stripe/errors.js';
import { range, type Seconds, type Slice } from '../progress/slice.js';
import type { Meaning } from './reaction.js';

/** An object that could not be read, although the rest of its stream could. */
export interface Miss {
  readonly id: string;
  readonly error: StripeError;
  readonly meaning: Meaning;
  /** What a later sync has to read to find the object again. */
  readonly slice: Slice;
}

/** The stream as a whole cannot be read, not just some of its objects. */
export class AllMissed extends Error {
  override readonly name = 'AllMissed';
}

/** If this many objects are refused before any is read, the stream as a whole cannot be read. */
const FIRST_SEVERAL = 10;
/** If this many in a row fail for a reason that may pass, nothing gets through: each was retried for minutes. */
const IN_A_ROW = 5;
const MAY_PASS: readonly Meaning[] = ['transient', 'limited'];

/** Enough ids to find the cause. */
const MOST_IDS = 5;

/** Keeps the state small: beyond this many slices, neighbours are merged. */
const MOST_SLICES = 50;

/**
 * The objects of one stream that could not be read. They stay in the state, so that the next sync tries them again. The
 * stream is INCOMPLETE as long as there are any.
 */
export class Misses {
  readonly #ids = new Set<string>();
  /** The first error of each meaning. */
  readonly #errors = new Map<Meaning, StripeError>();
  #isAnswered = false;
  /** How many objects in a row failed for a reason that may pass. */
  #streak = 0;
  #isWhole = false;
  readonly #slices = new Map<string, Slice>();
  readonly #known: number;

  /**
   * `known` is how many objects an earlier sync may have missed. They are asked for first and may be refused again,
   * which says nothing about the rest of the stream.
   */
  constructor(known = 0) {
    this.#known = known;
  }

  note({ id, error, meaning, slice }: Miss): void {
    this.#ids.add(id);
    if (!this.#errors.has(meaning)) this.#errors.set(meaning, error);
    this.#streak = MAY_PASS.includes(meaning) ? this.#streak + 1 : 0;
    if (slice.lte === undefined) this.#isWhole = true;
    else this.#slices.set(`${slice.gte} ${slice.lte}`, slice);
  }

  /** Notes that an object was read. */
  noteAnswered(): void {
    this.#isAnswered = true;
    this.#streak = 0;
  }

  /** Whether the stream as a whole cannot be read, not just some of its objects. */
  get isHopeless(): boolean {
    const isRefused = this.isNothingRead && this.count >= this.#known + FIRST_SEVERAL;
    return isRefused || this.#streak >= this.#known + IN_A_ROW;
  }

  throwIfHopeless(): void {
    if (this.isHopeless) throw new AllMissed();
  }

  get count(): number {
    return this.#ids.size;
  }

  /** Whether no object was read. */
  get isNothingRead(): boolean {
    return !this.#isAnswered;
  }

  /** Some of the ids, for a message. */
  get ids(): string {
    const told = [...this.#ids].slice(0, MOST_IDS).join(', ');
    return this.count > MOST_IDS ? `${told} and ${this.count - MOST_IDS} more` : told;
  }

  /** Why the objects could not be read: one error of each meaning. */
  get errors(): readonly StripeError[] {
    return [...this.#errors.values()];
  }

  /** What is still to be read: the pending slices, and slices that hold the missed objects. */
  withPending(pending: readonly Slice[]): readonly Slice[] {
    if (this.#isWhole) return [...pending.filter((slice) => Object.keys(slice).length > 0), {}];
    return this.#slices.size === 0 ? pending : [...pending, ...atMost(MOST_SLICES, [...this.#slices.values()])];
  }
}

/** At most `most` slices that cover the given ones without overlap; beyond that, the smallest gaps are closed. */
function atMost(most: number, slices: readonly Slice[]): readonly Slice[] {
  const spans = slices.map(({ gte = 0, lte = 0 }) => ({ gte, lte })).sort((a, b) => a.gte - b.gte);
  const gaps = spans.slice(1).map(({ gte }, index) => gte - (spans[index]?.lte ?? gte));
  const bridged = Math.max(1, [...gaps].sort((a, b) => b - a)[most - 1] ?? 1);
  const merged: { gte: Seconds; lte: Seconds }[] = [];
  for (const { gte, lte } of spans) {
    const last = merged.at(-1);
    if (last && gte - last.lte <= bridged) last.lte = Math.max(last.lte, lte);
    else merged.push({ gte, lte });
  }
  return merged.flatMap(({ gte, lte }) => range(gte, lte));
}
