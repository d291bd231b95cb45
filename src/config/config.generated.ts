/**
 * A secret key (sk_…) or, better, a restricted key (rk_…) with read permissions.
 */
export type APIKey = string;
/**
 * Read the data of this connected account instead of your own. Leave empty to read your own.
 */
export type ConnectedAccount = string;
/**
 * Only objects created since this time (UTC); a date without a time means the beginning of that day. Leave empty for all history.
 */
export type StartDate = string;
/**
 * Only objects created until this time (UTC), inclusive; a date without a time means the end of that day. Leave empty for no end.
 */
export type EndDate = string;
/**
 * In every incremental sync, read again what was created in the last N days before the cursor.
 */
export type LookbackWindowInDays = number;
/**
 * Budget over all endpoints. Default: 80 % of what Stripe allows, which is 100 in live mode and 25 in test mode; the rest is left to your other integrations.
 */
export type RequestsPerSecond = number;
/**
 * async: each stream is read by several workers, in any order. sync: one request at a time for each stream, rows in Stripe's own order, newest first.
 */
export type LoadingMode = "async" | "sync";
/**
 * How many requests may be under way at a time, over all streams.
 */
export type RequestsInFlight = number;
/**
 * How often a failed request is repeated before its stream fails.
 */
export type Retries = number;
export type Charges = string[];
export type Invoices = string[];
export type Prices = string[];
/**
 * The Stripe-Version of all requests. The schemas describe the default; another version may bring fields that they do not name.
 */
export type APIVersion = string;
/**
 * Accepted in place of api_key.
 */
export type APIKeyAirbyteSName = string;
/**
 * Accepted in place of requests_per_second.
 */
export type RequestsPerSecondAirbyteSName = number;
/**
 * Accepted in place of max_concurrency.
 */
export type RequestsInFlightAirbyteSName = number;
/**
 * Address of the API, meant for tests. Plain http is accepted on loopback only.
 */
export type APIBase = string;
/**
 * Budget for each endpoint. Default: 80 % of the 25 that Stripe allows.
 */
export type RequestsPerSecondAndEndpoint = number;

/**
 * What a user fills in to read a Stripe account.
 */
export interface Config {
  api_key: APIKey;
  account_id?: ConnectedAccount;
  start_date?: StartDate;
  end_date?: EndDate;
  lookback_window_days: LookbackWindowInDays;
  requests_per_second?: RequestsPerSecond;
  loading_mode: LoadingMode;
  max_concurrency: RequestsInFlight;
  max_retries: Retries;
  expand?: ExpandedFields;
  api_version: APIVersion;
  client_secret?: APIKeyAirbyteSName;
  call_rate_limit?: RequestsPerSecondAirbyteSName;
  num_workers?: RequestsInFlightAirbyteSName;
  api_base: APIBase;
  endpoint_requests_per_second?: RequestsPerSecondAndEndpoint;
}
/**
 * For each stream, the fields in which you want the whole object instead of its id, as in Stripe's expand[] without the leading 'data.'.
 */
export interface ExpandedFields {
  charges?: Charges;
  invoices?: Invoices;
  prices?: Prices;
  [k: string]: unknown;
}
