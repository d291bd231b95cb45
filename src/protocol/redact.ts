/** What stands for a secret in everything that people read. */
const MASK = '****';

/** Shorter texts are not taken for secrets: they would be masked inside ordinary words. */
const SHORTEST_SECRET = 6;

/** Not inside a word ("task_…"); a percent-encoded character before it ends a word, and so does one as JSON escapes it. */
const START = String.raw`(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}|\\(?:[bfnrt]|u[0-9A-Fa-f]{4})))`;

/** Random parts have digits, words have none. */
const RANDOM = (length: number) => `(?=[A-Za-z_]*[0-9])[A-Za-z0-9_]{${length},}`;

/**
 * The secrets that Stripe hands out (docs.stripe.com/keys and the API reference, 2026-11), whether or not they are
 * configured. The first group of each stays, for it tells people which one was meant. What Stripe has masked itself
 * (`sk_test_***abcd`) has too few letters in a row.
 */
const SHAPES: readonly RegExp[] = [
  // Secret, restricted, publishable and ephemeral keys, those of users and of terminals; of accounts and of organizations.
  `${START}((?:sk|rk|pk|ek|uk|pst)_(?:org_)?(?:live|test)_)[A-Za-z0-9_]{8,}`,
  // The same without a mode, as in the first years, and refresh tokens of OAuth.
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

/** Masks what looks like a secret, and what is known to be one. */
export interface Redactor {
  readonly redact: (text: string) => string;
  /** From now on these texts are masked, whatever they look like. */
  readonly keepSecret: (secrets: readonly string[]) => void;
}

export function createRedactor(): Redactor {
  const known = new Set<string>();
  return {
    redact: (text) => maskSecrets([...known].reduce((masked, secret) => masked.replaceAll(secret, MASK), text)),
    keepSecret: (secrets) => {
      for (const secret of secrets) if (secret.length >= SHORTEST_SECRET) known.add(secret);
    },
  };
}
