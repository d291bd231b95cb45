/** Paths of Stripe's lists that are not streams, and why. Ids are `{id}`. */
export const notStreams: Readonly<Record<string, string>> = {
  '/v1/billing/meters/{id}/event_summaries':
    'sums up one customer over a range of minutes that the caller chooses: the product of all meters, customers and ranges has no end',
  '/v1/credit_notes/preview/lines': 'computes the lines of a credit note that does not exist',
  '/v1/sources/{id}/source_transactions':
    'sources can be listed only under each customer, and Stripe has deprecated them; the sources are in customer_sources',
  '/v1/tax/calculations/{id}/line_items': 'calculations cannot be listed, and expire',
  '/v1/tax/transactions/{id}/line_items': 'tax transactions cannot be listed',
};

/** Lists that other tools read or older versions of the API had, and where their data is now. */
export const formerStreams: Readonly<Record<string, string>> = {
  '/v1/accounts/{id}/login_links': 'not a list: Stripe can only create login links, and reading must never create',
  '/v1/accounts/{id}/people': 'an old name of /v1/accounts/{id}/persons: the stream persons',
  '/v1/balance/history': 'an old name of /v1/balance_transactions: the stream balance_transactions',
  '/v1/charges/{id}/refunds': 'the stream refunds has them all',
  '/v1/customers/{id}/bank_accounts': 'the stream bank_accounts reads them from /v1/customers/{id}/sources',
  '/v1/customers/{id}/cards': 'the stream customer_sources has them',
  '/v1/customers/{id}/subscriptions': 'the stream subscriptions has them all',
  '/v1/invoices/upcoming/lines': 'computed the lines of an invoice that does not exist; gone since 2025-03-31',
  '/v1/linked_accounts': 'an old name of /v1/financial_connections/accounts',
  '/v1/linked_accounts/{id}/owners': 'an old name of /v1/financial_connections/accounts/{id}/owners',
  '/v1/subscription_items/{id}/usage_record_summaries':
    "Airbyte's stream usage_records: gone since API version 2025-03-31; usage is counted by billing meters now",
};
