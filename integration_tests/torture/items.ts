import { recordsOf } from '../connector.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { Seen } from './runner.js';
import type { Scenario } from './scenario.js';

/** A list that is embedded in records, at a path with dots, and the name that the sandbox has for it. */
export interface EmbeddedList {
  readonly field: string;
  readonly list: string;
}

/** The lists that records embed, by the stream. Written down here, so that the connector's own table is not believed. */
const EMBEDDED: Readonly<Record<string, readonly EmbeddedList[]>> = {
  accounts: [{ field: 'external_accounts', list: 'external_account_bank_accounts' }],
  charges: [{ field: 'refunds', list: 'charge_refunds' }],
  credit_notes: [{ field: 'lines', list: 'credit_note_lines' }],
  customers: [
    { field: 'sources', list: 'bank_accounts' },
    { field: 'tax_ids', list: 'customer_tax_ids' },
  ],
  invoices: [
    { field: 'lines', list: 'invoice_lines' },
    { field: 'payments', list: 'invoice_payments_of_invoice' },
  ],
  payment_intents: [{ field: 'amount_details.line_items', list: 'payment_intent_amount_details_line_items' }],
  quotes: [
    { field: 'line_items', list: 'quote_line_items' },
    { field: 'computed.upfront.line_items', list: 'quote_computed_upfront_line_items' },
  ],
  subscriptions: [{ field: 'items', list: 'subscription_items' }],
};

/** The ids that lists of parents have, by list and parent. */
export type Items = ReadonlyMap<string, readonly string[]>;

export interface Embedded extends EmbeddedList {
  readonly parent: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The lists that a record of a stream embeds. */
export function embeddedIn(stream: string, record: Readonly<Record<string, unknown>>): readonly Embedded[] {
  return (EMBEDDED[stream] ?? []).flatMap(({ field, list }) => {
    const value = valueAt(record, field);
    return isList(value) ? [{ field, list, parent: String(record['id']), value }] : [];
  });
}

/** The fields in which records of a stream may have lists. */
export function listFieldsOf(stream: string): readonly string[] {
  return (EMBEDDED[stream] ?? []).map(({ field }) => field);
}

export function embeddedListNames(stream: string): readonly string[] {
  return (EMBEDDED[stream] ?? []).map(({ list }) => list);
}

export function itemsKey({ list, parent }: Pick<Embedded, 'list' | 'parent'>): string {
  return `${list} ${parent}`;
}

/** What all lists have now that are in any record. */
export function itemsOf(sandbox: Sandbox, { streams }: Scenario, attempts: readonly Seen[]): Items {
  const items = new Map<string, readonly string[]>();
  const names = new Set(streams.map(({ name }) => name));
  const records = attempts.flatMap((attempt) => [...names].flatMap((name) => recordsOf(attempt, name)));
  for (const embedded of records.flatMap(({ stream, data }) => embeddedIn(stream, data))) {
    const key = itemsKey(embedded);
    if (!items.has(key))
      items.set(
        key,
        sandbox.children(embedded.list, embedded.parent).map(({ id }) => String(id)),
      );
  }
  return items;
}

export function valueAt(record: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], record);
}

function isList(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Array.isArray((value as { data?: unknown }).data);
}
