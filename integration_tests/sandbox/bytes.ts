import type { Body } from './data/objects.js';

/** A body as it is sent. `release` must be called afterwards. */
export interface Encoded {
  readonly bytes: Buffer;
  readonly release: () => void;
}

/** The longest that a text can become in UTF-8, per UTF-16 unit. */
const MAX_BYTES = 3;
const SMALLEST = 1 << 20;
/** Buffers are reused, because the system clears fresh memory of this size, which is slow. */
const idle: Buffer[] = [];

/** Piece by piece, because one character beyond Latin-1 makes a text twice as large and slower to encode. */
export function encode(body: Body): Encoded {
  const most = MAX_BYTES * body.reduce((length, piece) => length + piece.length, 0);
  const last = idle.pop();
  const buffer = last && last.length >= most ? last : Buffer.allocUnsafeSlow(Math.max(SMALLEST, 2 * most));
  let end = 0;
  for (const piece of body) end += buffer.write(piece, end);
  return { bytes: buffer.subarray(0, end), release: () => void idle.push(buffer) };
}
