import type { Wire } from './wire.js';

/**
 * An object as in Stripe's reference, with a function of the row wherever the row decides. Checked against the types of
 * the `stripe` package: a field that is missing or has another type does not compile.
 */
export type Shape<T, Row> = Hole<T, Row> | Literal<T, Row>;

/** The shape of an object that others are made from, by spreading it. */
export type Fields<T, Row> = { readonly [K in keyof Wire<T>]: Shape<Wire<T>[K], Row> };

type Hole<T, Row> = (row: Row) => T | Json;

type Literal<T, Row> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Shape<Item, Row>[]
    : { readonly [K in keyof T]: Shape<T[K], Row> };

/** Writes a row as JSON of two spaces a level, as Stripe does; `indent` is the column that the text starts at. */
export type Template<Row> = (row: Row, indent: number) => string;

/** JSON that is written by something else than its value: an embedded list, or another template. */
export class Json {
  readonly text: (indent: number) => string;

  constructor(text: (indent: number) => string) {
    this.text = text;
  }
}

interface Compiled<Row> {
  /** One more than there are holes. */
  readonly texts: readonly string[];
  readonly holes: readonly { readonly value: (row: Row) => unknown; readonly indent: number }[];
}

const MARK = '\u0001';

/** Compiles a shape: everything that does not depend on the row becomes text once. */
export function template<T, Row>(shape: Shape<Wire<T>, Row>): Template<Row> {
  const byIndent = new Map<number, Compiled<Row>>();
  return (row, indent) => {
    let compiled = byIndent.get(indent);
    if (!compiled) {
      compiled = compile<Row>(shape, indent);
      byIndent.set(indent, compiled);
    }
    return fill(compiled, row);
  };
}

function fill<Row>({ texts, holes }: Compiled<Row>, row: Row): string {
  let text = texts[0] ?? '';
  for (let i = 0; i < holes.length; i += 1) {
    const hole = holes[i];
    if (hole) text += write(hole.value(row), hole.indent) + texts[i + 1];
  }
  return text;
}

function compile<Row>(shape: unknown, indent: number): Compiled<Row> {
  const values: ((row: Row) => unknown)[] = [];
  const marked = JSON.stringify(
    shape,
    (_, value: unknown) => {
      if (typeof value !== 'function') return value;
      values.push(value as (row: Row) => unknown);
      return MARK;
    },
    2,
  );
  const texts = indented(marked, indent).split(JSON.stringify(MARK));
  const holes = values.map((value, i) => ({ value, indent: columnOfLine(texts.slice(0, i + 1).join('')) }));
  return { texts, holes };
}

/** How far the last line of a text is indented. */
function columnOfLine(text: string): number {
  const line = text.slice(text.lastIndexOf('\n') + 1);
  return line.length - line.trimStart().length;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON has to escape
const NEEDS_ESCAPE = /["\\\u0000-\u001f]/;

/** Any value as JSON, indented. A missing property cannot be written: such a row needs another shape. */
export function write(value: unknown, indent: number): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return NEEDS_ESCAPE.test(value) ? JSON.stringify(value) : `"${value}"`;
  if (value === null) return 'null';
  if (value instanceof Json) return value.text(indent);
  const text = JSON.stringify(value, null, 2);
  if (text === undefined) throw new Error('a hole of a template has no value');
  return indented(text, indent);
}

function indented(text: string, indent: number): string {
  return indent === 0 ? text : text.replaceAll('\n', `\n${' '.repeat(indent)}`);
}
