/** An object as the sandbox lists it. */
export type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/** Where to walk, and with which key. */
export interface Api {
  readonly url: string;
  readonly apiKey: string;
}

interface Page {
  readonly data: readonly Row[];
  readonly has_more: boolean;
}

/** Where the objects of each stream are listed, written down a second time so as not to believe the connector. */
const LISTS: Readonly<Record<string, string>> = {
  accounts: '/v1/accounts',
  balance_transactions: '/v1/balance_transactions',
  charges: '/v1/charges',
  coupons: '/v1/coupons',
  credit_notes: '/v1/credit_notes',
  customers: '/v1/customers',
  disputes: '/v1/disputes',
  events: '/v1/events',
  files: '/v1/files',
  invoice_items: '/v1/invoiceitems',
  invoice_payments: '/v1/invoice_payments',
  invoices: '/v1/invoices',
  payment_intents: '/v1/payment_intents',
  payment_methods: '/v1/payment_methods',
  payouts: '/v1/payouts',
  plans: '/v1/plans',
  prices: '/v1/prices',
  products: '/v1/products',
  promotion_codes: '/v1/promotion_codes',
  refunds: '/v1/refunds',
  setup_intents: '/v1/setup_intents',
  shipping_rates: '/v1/shipping_rates',
  subscription_schedule: '/v1/subscription_schedules',
  subscriptions: '/v1/subscriptions?status=all',
  tax_rates: '/v1/tax_rates',
  top_ups: '/v1/topups',
  transfers: '/v1/transfers',
  webhook_endpoints: '/v1/webhook_endpoints',
};

interface ChildList {
  readonly of: string;
  readonly path: (parent: Row) => string | undefined;
}

const CHILD_LISTS: Readonly<Record<string, ChildList>> = {
  invoice_line_items: { of: 'invoices', path: ({ id }) => `/v1/invoices/${id}/lines` },
  subscription_items: { of: 'subscriptions', path: ({ id }) => `/v1/subscription_items?subscription=${id}` },
  payout_balance_transactions: {
    of: 'payouts',
    path: ({ id, automatic }) => (automatic ? `/v1/balance_transactions?payout=${id}` : undefined),
  },
};

/** Whether the objects of a stream can be walked here. */
export function isListed(stream: string): boolean {
  return stream in LISTS || stream in CHILD_LISTS;
}

/** Every object of a stream, walked page by page and parent by parent. */
export async function listed(api: Api, stream: string): Promise<readonly Row[]> {
  const child = CHILD_LISTS[stream];
  if (!child) return pages(api, LISTS[stream] ?? `no list is known for the stream ${stream}`);
  const rows: Row[] = [];
  for (const parent of await listed(api, child.of)) {
    const path = child.path(parent);
    if (path) rows.push(...(await pages(api, path)));
  }
  return rows;
}

async function pages(api: Api, path: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let more = true; more; ) {
    const next = new URL(path, api.url);
    next.searchParams.set('limit', '100');
    const last = rows.at(-1);
    if (last) next.searchParams.set('starting_after', last.id);
    const page = await get(next, api.apiKey);
    rows.push(...page.data);
    more = page.has_more;
  }
  return rows;
}

async function get(url: URL, apiKey: string): Promise<Page> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } });
  if (!answer.ok) throw new Error(`${answer.status} for ${url}: ${await answer.text()}`);
  return (await answer.json()) as Page;
}
