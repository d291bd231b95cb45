/** A hash of two integers: 32 bits, the same for the same input on every machine. */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x165667b1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** A hash of a text, for names that take part in `mix`. */
export function hashOf(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** A fraction in [0, 1) out of a hash. */
export function fraction(hash: number): number {
  return hash / 0x1_0000_0000;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `length` letters and digits that depend on nothing but `seed`. */
export function letters(seed: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i += 1) text += BASE62[mix(seed, i) % BASE62.length];
  return text;
}
