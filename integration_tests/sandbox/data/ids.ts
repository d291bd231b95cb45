/** Ids that can be decoded into what they stand for, so that nothing about an object must be remembered. */
export interface Ids {
  readonly encode: (index: number) => string;
  /** The index that an id was made from, if it is one of these. */
  readonly decode: (id: string) => number | undefined;
}

/** Ids of things that belong to a parent, and are numbered within it. */
export interface ChildIds {
  readonly encode: (parent: number, n: number) => string;
  readonly decode: (id: string) => { readonly parent: number; readonly n: number } | undefined;
}

const CODE_LENGTH = 6;
const CHILD_LENGTH = 3;
const MASK = 0x3fff_ffff;
const FACTOR = 0x2545_f491;

/** The inverse of an odd number modulo 2^32, by Newton's method. */
function inverseOf(odd: number): number {
  let inverse = odd;
  for (let i = 0; i < 5; i += 1) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  return inverse;
}

const INVERSE = inverseOf(FACTOR);

/** Scrambles an index, so that the order of ids says nothing about the order of objects, as at Stripe. */
function codeOf(index: number): string {
  return (Math.imul(index, FACTOR) & MASK).toString(36).padStart(CODE_LENGTH, '0');
}

function indexOf(code: string): number {
  return Math.imul(Number.parseInt(code, 36), INVERSE) & MASK;
}

/** Ids of a collection of less than 2^30 objects; `head` is what comes before the part that holds the index. */
export function createIds(head: (index: number) => string): Ids {
  const encode = (index: number) => head(index) + codeOf(index);
  const decode = (id: string) => {
    const index = indexOf(id.slice(-CODE_LENGTH).toLowerCase());
    return encode(index) === id ? index : undefined;
  };
  return { encode, decode };
}

/** How many names are tried when one is looked up. */
const MOST_NAMES = 10_000;

/** Ids that are names: of currencies, countries, reports. */
export function createNames(nameOf: (index: number) => string): Ids {
  const known = new Map<string, number>();
  const decode = (id: string) => {
    while (!known.has(id) && known.size < MOST_NAMES) known.set(nameOf(known.size), known.size);
    return known.get(id);
  };
  return { encode: nameOf, decode };
}

/** Ids that users chose for the first objects, whatever is in them. All other ids stay as they were made. */
export function createChosenIds(made: Ids, chosen: readonly string[]): Ids {
  if (chosen.length === 0) return made;
  return {
    encode: (index) => chosen[index] ?? made.encode(index),
    decode: (id) => (chosen.includes(id) ? chosen.indexOf(id) : made.decode(id)),
  };
}

/** Ids of children: at most 46,656 for each parent. */
export function createChildIds(head: string): ChildIds {
  const encode = (parent: number, n: number) => head + codeOf(parent) + n.toString(36).padStart(CHILD_LENGTH, '0');
  const decode = (id: string) => {
    const parent = indexOf(id.slice(-CODE_LENGTH - CHILD_LENGTH, -CHILD_LENGTH));
    const n = Number.parseInt(id.slice(-CHILD_LENGTH), 36);
    return encode(parent, n) === id ? { parent, n } : undefined;
  };
  return { encode, decode };
}
