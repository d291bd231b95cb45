import { describe, expect, it } from 'vitest';
import { createRedactor, maskSecrets } from '../../src/protocol/redact.js';

const RANDOM = '51AbCdEfGh0fKe1Efx057MbXF6q70oM7';

describe('maskSecrets', () => {
  it.each([
    ...['sk', 'rk', 'pk', 'ek', 'uk'].flatMap((kind) => [`${kind}_live_`, `${kind}_test_`]),
    'sk_org_live_',
    'sk_org_test_',
    'rk_org_live_',
    'rk_org_test_',
    'pst_live_',
    'sk_',
    'rk_',
    'sk_org_',
    'ek_',
    'rt_',
    'whsec_',
    'pi_3AbC_secret_',
    'seti_1AbC_secret_',
    'cs_test_a1b2_secret_',
    'accs_secret__',
    'Bearer ',
    'bearer ',
    'Basic ',
  ])('a secret that begins with %s is masked', (prefix) => {
    for (const [before, after] of [
      ['', ''],
      ['The key "', '" is wrong.'],
      ['https://', ':@api.stripe.com/v1'],
      ['key%3D', '&x'],
      ['keys: a,', ', b'],
      [String.raw`{\"message\":\"\n`, String.raw`\u0022}`],
      [String.raw`\u0022`, String.raw`\u0022`],
      ['_', ''],
    ]) {
      const masked = maskSecrets(`${before}${prefix}${RANDOM}${after}`);
      expect(masked).not.toContain(RANDOM.slice(0, 8));
      expect(masked.startsWith(`${before}${prefix.replace(/_+$/, '')}`)).toBe(true);
      expect(masked.endsWith(after ?? '')).toBe(true);
    }
  });

  it.each([
    'Invalid API Key provided: sk_test_***abcd',
    'rk_live_***j4va7j does not have the required permissions',
    'sk_test_',
    'sk_org_…, sk_live_…',
    'ch_3MmlLrLkdIwHu7ix0snN0B15 of cus_NffrFeUfNV2Hib at price_1MoBy5LkdIwHu7ixZhnattbh',
    'acct_1032D82eZvKYlo2C, evt_1NG8Du2eZvKYlo2CUI79vXWy, req_b1zXQ1Vv6wXc3P, task_0123456789abcdefgh',
    'tmr_FDOtOTrBg0vR6L, prt_1AbCdEfGhIjKlMnOp',
    'the permission rak_accounts_kyc_id_numbers_read',
    'a webhook_secret_expired_long_ago, client_secret_required',
    'A bearer authentication is needed; basic authentication is not enough',
    'GET /v1/payment_intents?created[gte]=1700000000&limit=100',
  ])('the text "%s" is left as it is', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  it('every secret in a text is masked', () => {
    expect(maskSecrets(`a sk_live_${RANDOM} b rk_org_test_${RANDOM} c whsec_${RANDOM}`)).toBe(
      'a sk_live_**** b rk_org_test_**** c whsec_****',
    );
  });
});

describe('createRedactor', () => {
  it('a known secret is masked whatever it looks like, unless it is too short', () => {
    const { redact, keepSecret } = createRedactor();
    expect(redact('the key opensesame')).toBe('the key opensesame');
    keepSecret(['opensesame', 'key']);
    expect(redact('the key opensesame')).toBe('the key ****');
  });
});
