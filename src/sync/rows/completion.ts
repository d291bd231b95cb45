import type { Change } from '../../protocol/messages.js';
import { streamOfKind } from '../../streams/catalog.js';
import { embeddedListOf, whyNoEndpoint } from '../../streams/embedded-lists.js';
import { expandInList } from '../../streams/expand.js';
import type { StripeObject } from '../../stripe/api.generated.js';
import { StripeError } from '../../stripe/errors.js';
import type { ListRequest } from '../../stripe/pages.js';
import { listItems } from '../../stripe/paging.js';
import type { Access } from '../account/account.js';
import { reaction } from '../failures/reaction.js';
import { meaningOf } from './meaning.js';
import { fillPath, fillQuery } from './paths.js';
import { idOf, type Row } from './rows.js';

/**
 * The most items that are read to complete the lists of one row, because a line of many megabytes breaks readers, and
 * the rows of a page are in memory together. The stream of the items has all of them.
 */
export const MOST_EMBEDDED_ITEMS = 1000;

/** A row with its embedded lists as complete as they can be. */
export interface Completed {
  readonly row: StripeObject;
  /** The lists that are longer than a row may hold. */
  readonly changes: readonly Change[];
  /** Whether a list stayed incomplete because the object that holds it, or its items, are gone. */
  readonly isCut: boolean;
}

/**
 * Completes the embedded lists of a row (`invoice.lines`, `charge.refunds`) at any depth: Stripe embeds only ten items.
 * Each list is read from the top of its own endpoint, because it may be embedded in another order, and the `url` in the
 * answer can be wrong. Its items are expanded as `expand[]` of the row's own list asks. Throws a StripeError if a list
 * cannot be read.
 */
export async function complete(access: Access, row: StripeObject, fields: readonly string[]): Promise<Completed> {
  if (!hasCutList(row)) return { row, changes: [], isCut: false };
  const notes: Notes = { changes: new Map(), isCut: false, room: MOST_EMBEDDED_ITEMS };
  const top = { holder: row, field: '', path: '' };
  const whole = (await completeValue({ access, fields, notes }, row, top)) as StripeObject;
  return { row: whole, changes: [...notes.changes.values()], isCut: notes.isCut };
}

/** Whether a list inside the value lacks items. Most rows have no such list and need no further work. */
export function hasCutList(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isCutList(value) || Object.values(value).some(hasCutList);
}

function isCutList(value: object): boolean {
  return 'has_more' in value && value.has_more === true && 'object' in value && value.object === 'list';
}

interface Notes {
  readonly changes: Map<string, Change>;
  isCut: boolean;
  /** How many more items the row may get. */
  room: number;
}

interface Completion {
  readonly access: Access;
  readonly fields: readonly string[];
  readonly notes: Notes;
}

/** Where in a row a value is. */
interface Where {
  /** The Stripe object that holds the value. */
  readonly holder: Row;
  /** The path of the value in that object. */
  readonly field: string;
  /** The path of the value in the row, as `expand[]` would name it; empty for the row itself. */
  readonly path: string;
}

async function completeValue(completion: Completion, value: unknown, where: Where): Promise<unknown> {
  if (!hasCutList(value) || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return completeAll(completion, value, where);
  const whole = isCutList(value) ? await completeList(completion, value as Row, where) : (value as Row);
  const fields: [string, unknown][] = [];
  for (const [name, field] of Object.entries(whole)) {
    fields.push([name, await completeValue(completion, field, inside(where, whole, name))]);
  }
  return Object.fromEntries(fields);
}

async function completeAll(completion: Completion, values: readonly unknown[], where: Where): Promise<unknown[]> {
  const whole: unknown[] = [];
  for (const value of values) whole.push(await completeValue(completion, value, where));
  return whole;
}

/** Where a field of a value is. Only Stripe objects hold lists; other values only lengthen the path. */
function inside(where: Where, value: Row, name: string): Where {
  const path = where.path === '' ? name : `${where.path}.${name}`;
  const isHolder = typeof value['object'] === 'string' && value['object'] !== 'list';
  return isHolder ? { holder: value, field: name, path } : { ...where, field: `${where.field}.${name}`, path };
}

async function completeList(completion: Completion, list: Row, where: Where): Promise<Row> {
  const { access, notes } = completion;
  try {
    const { items, hasMore } = await itemsUpTo(notes.room, access, requestOf(completion, where));
    notes.room -= items.length;
    if (!hasMore) return { ...list, data: items, has_more: false };
    notes.changes.set(where.path, truncated(where.path));
    return notes.room === 0 && items.length < lengthOf(list) ? list : { ...list, data: items };
  } catch (error) {
    if (!(await isLostForGood(access, error, where.holder))) throw error;
    notes.isCut = true;
    return list;
  }
}

function truncated(field: string): Change {
  return { field, change: 'TRUNCATED', reason: 'SOURCE_FIELD_SIZE_LIMITATION' };
}

function lengthOf({ data }: Row): number {
  return Array.isArray(data) ? data.length : 0;
}

/** The first `most` items of a list, or all if there are not more. */
async function itemsUpTo(most: number, { client }: Access, request: ListRequest) {
  let all: StripeObject[] = [];
  for await (const { items, isTop } of listItems(client, request)) {
    // When its place is lost, a list is read again from its top.
    all = isTop ? [...items] : [...all, ...items];
    if (all.length > most) return { items: all.slice(0, most), hasMore: true };
  }
  return { items: all, hasMore: false };
}

/** Whether the items are gone for good: with the object that held them, or because Stripe lost them. */
async function isLostForGood(access: Access, error: unknown, holder: Row): Promise<boolean> {
  if (!(error instanceof StripeError)) return false;
  const stream = streamOfKind(String(holder['object']));
  const meaning = await meaningOf(access, error, stream && { stream, object: holder });
  return reaction(meaning, 'row') === 'skip';
}

/** The request for a list at its own endpoint, with the expanded fields of its items. */
function requestOf({ fields }: Completion, { holder, field, path }: Where): ListRequest {
  const kind = String(holder['object']);
  const list = embeddedListOf(kind, field);
  if (!list) throw new StripeError('request', withoutEndpoint(holder, kind, field));
  const prefix = `${path}.data.`;
  const expanded = fields.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return {
    path: fillPath(list.path, holder),
    endpoint: list.path,
    params: [...Object.entries(list.params ?? {}), ...fillQuery(list.query, holder), ...expandInList(expanded)],
  };
}

function withoutEndpoint(holder: Row, kind: string, field: string): string {
  const why = whyNoEndpoint(kind, field) ?? 'no known endpoint has it';
  return `Stripe embeds only a part of the list "${field}" of ${kind} ${idOf(holder)}, and the rest cannot be read: ${why}.`;
}
