/** What people read in place of a secret. */
const MASK = '****';

/** Shorter texts are not taken for secrets: they would be masked inside ordinary words. */
const SHORTEST_SECRET = 6;

/**
 * A secret does not begin inside a word ("task_…"). A percent-encoded character ends a word, and so does a character that
 * JSON escapes.
 */
const START = String.raw`(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}|\\(?:[bfnrt]|u[0-9A-Fa-f]{4})))`;

/** A random part, which has digits, unlike words. */
const RANDOM = (length: number) => `(?=[A-Za-z_]*[0-9])[A-Za-z0-9_]{${length},}`;

/**
 * The secrets that Stripe hands out (docs.stripe.com/keys and the API reference, 2026-11), whether or not they are
 * configured. The first group of each is kept, because it tells people which secret it was. What Stripe has masked itself
 * (`sk_test_***abcd`) does not match, because it has too few letters in a row.
 */
const SHAPES: readonly RegExp[] = [
  // Secret, restricted, publishable and ephemeral keys, and keys of users and of terminals, for accounts and organizations.
  `${START}((?:sk|rk|pk|ek|uk|pst)_(?:org_)?(?:live|test)_)[A-Za-z0-9_]{8,}`,
  // The same keys without a mode, as in Stripe's first years, and refresh tokens of OAuth.
  `${START}((?:sk|rk|pk|ek|uk|rt)_(?:org_)?)${RANDOM(14)}`,
  // Signing secrets of webhooks, which may be base64.
  `${START}(whsec_)[A-Za-z0-9+/_-]{8,}=*`,
  // Client secrets: pi_…_secret_…, seti_…_secret_…, cs_test_…_secret_…, accs_secret__….
  `((?<=[A-Za-z0-9])_secret_)${RANDOM(8)}[A-Za-z0-9%_]*`,
].map((shape) => new RegExp(shape, 'g'));

/** Credentials of any kind in an `Authorization` header. */
const CREDENTIALS = new RegExp(`${START}((?:bearer|basic)\\s+)(?=[A-Za-z._~+/-]*[0-9])[A-Za-z0-9._~+/-]{8,}=*`, 'gi');

/** Masks everything that looks like a secret of Stripe's. */
export function maskSecrets(text: string): string {
  return [...SHAPES, CREDENTIALS].reduce((masked, shape) => masked.replace(shape, `$1${MASK}`), text);
}

/** Masks texts that look like a secret, and texts that are known to be one. */
export interface Redactor {
  readonly redact: (text: string) => string;
  /** Masks these texts from now on, whatever they look like. */
  readonly keepSecret: (secrets: readonly string[]) => void;
}

/** A redactor that knows no secrets yet. */
export function createRedactor(): Redactor {
  const known = new Set<string>();
  return {
    redact: (text) => maskSecrets([...known].reduce((masked, secret) => masked.replaceAll(secret, MASK), text)),
    keepSecret: (secrets) => {
      for (const secret of secrets) if (secret.length >= SHORTEST_SECRET) known.add(secret);
    },
  };
}
