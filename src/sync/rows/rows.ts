import {
  cursorFieldOf,
  hasCreatedFilter,
  kindsOf,
  needsDateFilter,
  type StreamDefinition,
} from '../../streams/definition.js';
import type { StripeObject } from '../../stripe/api.generated.js';
import type { Seconds } from '../progress/slice.js';

export type Row = Readonly<Record<string, unknown>>;

/** The rows that the user asked for, by when they were created; inclusive. */
export interface Window {
  readonly from: Seconds;
  readonly to: Seconds | undefined;
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

/** A row of a child: its item, with what it takes over from its parent. */
export function childRowOf(child: StreamDefinition, item: StripeObject, parent: Row): Row {
  const copied = Object.entries(child.parent?.copy ?? {}).map(([name, source]) => [name, idOf(parent[source]) ?? null]);
  return copied.length === 0 ? item : { ...item, ...Object.fromEntries(copied) };
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

/**
 * Whether a row of a top-level list was created when the user wants it. Applied where Stripe cannot do it; elsewhere the
 * slice was cut by it, or is what an earlier sync with other dates left to read.
 */
export function isInWindow(stream: StreamDefinition, row: Row, { from, to }: Window): boolean {
  const created = needsDateFilter(stream) ? createdOf(stream, row) : undefined;
  return created === undefined || (created >= from && (to === undefined || created <= to));
}

/** When the items were created, in their order, where a list can be entered and cut by it; else nothing. */
export function timesOf(stream: StreamDefinition, items: readonly StripeObject[]): readonly Seconds[] {
  const times = hasCreatedFilter(stream) ? items.map((item) => createdOf(stream, item)) : [];
  return times.every((time) => time !== undefined) ? times : [];
}
