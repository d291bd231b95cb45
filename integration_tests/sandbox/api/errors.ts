/** An answer other than 200, as Stripe words it. */
export class ApiError extends Error {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, fields: ErrorFields, headers: Readonly<Record<string, string>> = {}) {
    super(fields.message);
    this.status = status;
    this.headers = headers;
    this.fields = {
      ...(fields.code === undefined ? {} : { code: fields.code, doc_url: docUrl(fields.code) }),
      message: fields.message,
      ...(fields.param === undefined ? {} : { param: fields.param }),
      type: fields.type ?? 'invalid_request_error',
    };
  }

  /** The body, as it goes over the wire. */
  get body(): string {
    return `${JSON.stringify({ error: this.fields }, null, 2)}\n`;
  }
}

export interface ErrorFields {
  readonly message: string;
  readonly type?: string;
  readonly code?: string;
  readonly param?: string;
}

function docUrl(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;
}

/** What the nouns of "No such …" are, where they are not the kind of object itself. */
const NOUNS: Readonly<Record<string, string>> = {
  payment_method: 'PaymentMethod',
  setup_intent: 'setupintent',
  topup: 'top-up',
};

export function noSuch(object: string, id: string, param: string, status: 400 | 404): ApiError {
  const message = `No such ${NOUNS[object] ?? object}: '${id}'`;
  return new ApiError(status, { code: 'resource_missing', message, param });
}

export function agedOut(id: string): ApiError {
  const message = `The event ${id} is no longer available because it's aged out of our retention policy.`;
  return new ApiError(400, { message, param: 'starting_after' });
}

export function unknownParameters(names: readonly string[]): ApiError {
  const message = `Received unknown parameter${names.length > 1 ? 's' : ''}: ${names.join(', ')}`;
  return new ApiError(400, { code: 'parameter_unknown', message, param: names[0] ?? '' });
}

export function badParameter(param: string, message: string, code?: string): ApiError {
  return new ApiError(400, { message, param, ...(code === undefined ? {} : { code }) });
}

export function unrecognizedUrl(method: string, path: string): ApiError {
  const message =
    `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at ` +
    'https://support.stripe.com/.';
  return new ApiError(404, { message });
}

/** The values of `Stripe-Rate-Limited-Reason`. */
export type LimitReason =
  | 'global-rate'
  | 'endpoint-rate'
  | 'global-concurrency'
  | 'endpoint-concurrency'
  | 'resource-specific';

export function rateLimited(reason: LimitReason | undefined, headers: Readonly<Record<string, string>> = {}): ApiError {
  const message = 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.';
  const reasonHeader = reason === undefined ? {} : { 'Stripe-Rate-Limited-Reason': reason };
  return new ApiError(429, { code: 'rate_limit', message }, { ...reasonHeader, ...headers });
}

export function lockTimeout(headers: Readonly<Record<string, string>> = {}): ApiError {
  const message =
    'This object cannot be accessed right now because another API request or Stripe process is currently accessing ' +
    'it. If you see this error intermittently, retry the request. If you see this error frequently and are making ' +
    'multiple concurrent requests to a single object, make your requests serially or at a lower rate.';
  return new ApiError(429, { code: 'lock_timeout', message }, { 'Stripe-Should-Retry': 'true', ...headers });
}

export function missing(param: string): ApiError {
  return badParameter(param, `Missing required param: ${param}.`, 'parameter_missing');
}
