import { type Interleaving, interleave } from '../data/interleave.js';
import type { Row, World } from '../data/model.js';
import { type Spread, spread } from '../data/spread.js';
import { SALT } from './salts.js';

/** How the objects of one collection are distributed among those of another, for the objects of the start. */
export function dealt(world: World, parents: string, children: string): Spread {
  return world.once(`${parents}>${children}`, () =>
    spread(world.collection(parents).base, world.collection(children).base),
  );
}

/** The parent of an object; random for objects that were added later, undefined if there are no parents. */
export function parentOf(row: Row, parents: string, children: string): number | undefined {
  const { base } = row.world.collection(parents);
  if (base === 0) return undefined;
  const { base: known } = row.world.collection(children);
  return row.index < known
    ? dealt(row.world, parents, children).parentOf(row.index)
    : row.hash(SALT.late.parent) % base;
}

/** The children of an object, as indices in the order of their creation. */
export function childrenOf(row: Row, parents: string, children: string): { first: number; end: number } {
  if (row.index >= row.world.collection(parents).base) return { first: 0, end: 0 };
  return dealt(row.world, parents, children).childrenOf(row.index);
}

/** The id of the object at an index, or null if there is none. */
export function idAt(world: World, name: string, index: number | undefined): string | null {
  return index === undefined ? null : world.collection(name).ids.encode(index);
}

/** A random object of another collection that existed when this one was created; undefined if none did. */
export function earlier(row: Row, name: string, salt: number): number | undefined {
  const there = row.world.collection(name).upTo(row.created);
  return there === 0 ? undefined : row.hash(salt) % there;
}

/** A random object of the start of another collection. */
export function any(row: Row, name: string, salt: number): number | undefined {
  const { base } = row.world.collection(name);
  return base === 0 ? undefined : row.hash(salt) % base;
}

/** Of every 20 charges, this one fails; the others can be refunded, disputed and paid out. */
const BLOCK = 20;
const FAILS = 7;

export function chargeFails(index: number): boolean {
  return index % BLOCK === FAILS;
}

/** How many charges before this one succeeded: its rank among them if it did, too. */
export function chargeRank(index: number): number {
  return index - Math.floor((index + BLOCK - 1 - FAILS) / BLOCK);
}

export function chargeOfRank(rank: number): number {
  const within = rank % (BLOCK - 1);
  return Math.floor(rank / (BLOCK - 1)) * BLOCK + (within < FAILS ? within : within + 1);
}

/** Refunds or disputes distributed among the charges that succeeded; parents are ranks. */
export function dealtToCharges(world: World, children: 'refunds' | 'disputes'): Spread {
  return world.once(`charges>${children}`, () =>
    spread(chargeRank(world.collection('charges').base), world.collection(children).base),
  );
}

/** What balance transactions are made of, in the order in which the sources get their positions. */
export const BALANCE_SOURCES = ['charges', 'refunds', 'payouts', 'transfers', 'top_ups', 'disputes'] as const;

export type BalanceSource = (typeof BALANCE_SOURCES)[number];

/** Which balance transaction belongs to what. Charges count by their rank. */
export function balanceSources(world: World): Interleaving {
  return world.once('balance sources', () => {
    const sizes = BALANCE_SOURCES.map((name) => world.collection(name).base);
    sizes[0] = chargeRank(world.collection('charges').base);
    return interleave(world.collection('balance_transactions').base, sizes);
  });
}

/** The id of the balance transaction of an object; null where it has none. */
export function balanceTransactionOf(world: World, source: BalanceSource, n: number): string | null {
  const place = balanceSources(world).placeOf(BALANCE_SOURCES.indexOf(source), n);
  return idAt(world, 'balance_transactions', place);
}
