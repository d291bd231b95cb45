import { ConfigError } from '../protocol/errors.js';

/** Refuses what cannot be a key for reading, before it is sent anywhere. Throws a ConfigError. */
export function checkKey(key: string): string {
  if (key.startsWith('pk_')) {
    throw new ConfigError(
      '"api_key" is a publishable key (pk_…), which cannot read data: use a secret or restricted key.',
    );
  }
  if (key.startsWith('whsec_')) {
    throw new ConfigError(
      '"api_key" is a webhook signing secret (whsec_…): use a secret or restricted key (sk_…, rk_…).',
    );
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new ConfigError('"api_key" contains spaces or characters that no Stripe key has: copy it again.');
  }
  return key;
}

/**
 * Whether a key is of live mode, which its prefix tells: `sk_test_`, `rk_live_` and so on. Undefined where the key has
 * no such prefix.
 */
export function livemodeOf(key: string): boolean | undefined {
  const mode = /^[a-z]+_(?:org_)?(live|test)_/.exec(key)?.[1];
  return mode === undefined ? undefined : mode === 'live';
}
