import {
  cursorFieldOf,
  hasCreatedFilter,
  kindsOf,
  needsDateFilter,
  type StreamDefinition,
} from '../../streams/definition.js';
import type { StripeObject } from '../../stripe/api.generated.js';
import type { Seconds } from '../progress/slice.js';

/** An object of Stripe, or a row made from one. */
export type Row = Readonly<Record<string, unknown>>;

/** When the rows that the user wants were created; both ends are inclusive. */
export interface Window {
  readonly from: Seconds;
  readonly to: Seconds | undefined;
}

/** Whether an object is of a kind that the stream has. */
export function isRowOf(stream: StreamDefinition, { object }: Pick<StripeObject, 'object'>): boolean {
  return kindsOf(stream).includes(object);
}

/** The value at a dotted path in a row; undefined if the path leads nowhere. */
export function valueAt(row: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (isRow(value) ? value[name] : undefined), row);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

/** What a field holds, or the id of the object that it was expanded to. */
export function idOf(value: unknown): unknown {
  return valueAt(value, 'id') ?? value;
}

/** A row of a child stream: the item, with the fields that it copies from its parent. */
export function childRowOf(child: StreamDefinition, item: StripeObject, parent: Row): Row {
  const copied = Object.entries(child.parent?.copy ?? {}).map(([name, source]) => [name, idOf(parent[source]) ?? null]);
  return copied.length === 0 ? item : { ...item, ...Object.fromEntries(copied) };
}

/**
 * When an object was created, by the field that orders its list; undefined if it has none. In API v2 the field is a
 * string (RFC 3339).
 */
export function createdOf(stream: StreamDefinition, item: Row): Seconds | undefined {
  const created = item[cursorFieldOf(stream)];
  const seconds = typeof created === 'string' ? Math.floor(Date.parse(created) / 1000) : created;
  return typeof seconds === 'number' && !Number.isNaN(seconds) ? seconds : undefined;
}

/**
 * Whether a row of a top-level list was created in the window. This is only checked if Stripe cannot filter the list.
 * Other slices were cut by the window, or an earlier sync with other dates left them to read.
 */
export function isInWindow(stream: StreamDefinition, row: Row, { from, to }: Window): boolean {
  const created = needsDateFilter(stream) ? createdOf(stream, row) : undefined;
  return created === undefined || (created >= from && (to === undefined || created <= to));
}

/** When the items were created, in their order; empty if the list cannot be entered and cut by `created`. */
export function timesOf(stream: StreamDefinition, items: readonly StripeObject[]): readonly Seconds[] {
  const times = hasCreatedFilter(stream) ? items.map((item) => createdOf(stream, item)) : [];
  return times.every((time) => time !== undefined) ? times : [];
}
