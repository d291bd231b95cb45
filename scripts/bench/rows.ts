const START = '"data":{"id":"';
const NEWLINE = 10;
const QUOTE = 34;

/** The rows that a connector wrote, by their ids. Looks at bytes and parses nothing: the reader must not take the CPU. */
export class Rows {
  count = 0;
  readonly #ids = new Set<string>();
  /** A line that began in an earlier chunk. */
  #rest: Buffer = Buffer.alloc(0);

  /** How many different ids there were. */
  get distinct(): number {
    return this.#ids.size;
  }

  readonly take = (chunk: Buffer): void => {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    this.#takeLines(bytes.subarray(0, end));
    this.#rest = bytes.subarray(end);
  };

  /** An id follows the first START of a line; the rest of the line is skipped. */
  #takeLines(lines: Buffer): void {
    for (let at = lines.indexOf(START); at >= 0; ) {
      const begin = at + START.length;
      this.#ids.add(lines.toString('latin1', begin, lines.indexOf(QUOTE, begin)));
      this.count += 1;
      at = lines.indexOf(START, lines.indexOf(NEWLINE, begin));
    }
  }
}
