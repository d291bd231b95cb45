import { ConfigError } from '../protocol/errors.js';

/**
 * The origin of the API. The key travels with every request, so the base must use https, or never leave this machine.
 * Throws a ConfigError.
 */
export function checkBase(base: string): string {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigError('The configuration\'s "api_base" is not a URL such as https://api.stripe.com.');
  }
  const extras = [url.username, url.password, url.search, url.hash, url.pathname.replace('/', '')];
  if (extras.some((extra) => extra !== '')) {
    throw new ConfigError('The configuration\'s "api_base" must hold scheme, host and port only.');
  }
  if (url.protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) {
    throw new ConfigError(
      'The configuration\'s "api_base" must use https: plain http would show the key to the network.',
    );
  }
  return url.origin;
}
