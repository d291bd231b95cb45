/**
 * The parts of Stripe's answers that the connector itself reads (API 2026-10-28.endive). All other fields pass through unread.
 */
export interface StripeApi {
  list?: List;
  v2_list?: V2List;
  error_body?: ErrorBody;
  account?: Account;
}
/**
 * A page of a list, or a list embedded in an object.
 */
export interface List {
  object: "list";
  data: StripeObject[];
  has_more: boolean;
  [k: string]: unknown;
}
/**
 * Any object of a list. Other fields depend on its kind.
 */
export interface StripeObject {
  id: string;
  object: string;
  [k: string]: unknown;
}
/**
 * A page of a list of API v2. The URL of the next page carries its token.
 */
export interface V2List {
  data: StripeObject[];
  next_page_url?: string | null;
  [k: string]: unknown;
}
/**
 * The body of every answer that is not a success.
 */
export interface ErrorBody {
  error: {
    type?: string;
    code?: string;
    message?: string;
    param?: string;
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * GET /v1/account: the account that the request is for.
 */
export interface Account {
  id: string;
  object: "account";
  /**
   * Unix seconds. Absent on some accounts.
   */
  created?: number;
  [k: string]: unknown;
}
