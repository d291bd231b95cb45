import { cursorFieldOf, growsByCreated, kindsOf, type StreamDefinition } from '../streams/definition.js';
import type { StripeObject } from '../stripe/api.generated.js';
import type { Seconds } from './progress.js';

export type Row = Readonly<Record<string, unknown>>;

/** The rows that the user asked for, by when they were created; inclusive. */
export interface Window {
  readonly from: Seconds;
  readonly to: Seconds | undefined;
}

/**
 * The rows of a page of a top-level list. Objects of another kind are no rows of this stream. The window is applied
 * where Stripe cannot do it; elsewhere the slice was cut by it, or is what an earlier sync with other dates left to read.
 */
export function rowsOf(stream: StreamDefinition, items: readonly StripeObject[], window: Window): readonly Row[] {
  const rows = items.filter((item) => isRowOf(stream, item));
  return rows.filter((row) => isInWindow(stream, row, window));
}

/** Whether an object is of a kind that the stream has. */
export function isRowOf(stream: StreamDefinition, { object }: Pick<StripeObject, 'object'>): boolean {
  return kindsOf(stream).includes(object);
}

/** What a row has at a path with dots; undefined where the path ends before. */
export function valueAt(row: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (isRow(value) ? value[name] : undefined), row);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

/** What a field holds, and the id where the user asked for the object in its place. */
export function idOf(value: unknown): unknown {
  return valueAt(value, 'id') ?? value;
}

/** The rows of a child: its items, with what they take over from their parent. */
export function childRowsOf(child: StreamDefinition, items: readonly StripeObject[], parent: Row): readonly Row[] {
  const copied = Object.entries(child.parent?.copy ?? {}).map(([name, source]) => [name, idOf(parent[source]) ?? null]);
  const rows = items.filter((item) => isRowOf(child, item));
  return copied.length === 0 ? rows : rows.map((item) => ({ ...item, ...Object.fromEntries(copied) }));
}

/**
 * When an object was created, by the field that its list is ordered by; undefined where it has none. In API v2 it is a
 * text (RFC 3339).
 */
export function createdOf(stream: StreamDefinition, item: Row): Seconds | undefined {
  const created = item[cursorFieldOf(stream)];
  const seconds = typeof created === 'string' ? Math.floor(Date.parse(created) / 1000) : created;
  return typeof seconds === 'number' && !Number.isNaN(seconds) ? seconds : undefined;
}

/** Whether a row of a top-level list was created when the user wants it. Where the list is cut by that, it was. */
export function isInWindow(stream: StreamDefinition, row: Row, { from, to }: Window): boolean {
  const created = growsByCreated(stream) ? undefined : createdOf(stream, row);
  return created === undefined || (created >= from && (to === undefined || created <= to));
}

/** When the items were created, in their order, where a list can be entered and cut by it; else nothing. */
export function timesOf(stream: StreamDefinition, items: readonly StripeObject[]): readonly Seconds[] {
  const times = growsByCreated(stream) ? items.map((item) => createdOf(stream, item)) : [];
  return times.every((time) => time !== undefined) ? times : [];
}
