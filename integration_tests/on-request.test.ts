import { expect, it } from 'vitest';
import { catalogOf, logsOf, type Result, recordsOf, runInProcess, statusesOf } from './connector.js';
import { configOf, ownSandbox } from './own-sandbox.js';
import type { Sandbox } from './sandbox/sandbox.js';

function read(sandbox: Sandbox, streams: readonly string[]): Promise<Result> {
  return runInProcess({ command: 'read', config: configOf(sandbox), catalog: catalogOf(streams) });
}

it('rows have the fields that Stripe leaves out unless asked and that say how much, or of what', async () => {
  const sandbox = await ownSandbox({ rows: { prices: 120, plans: 60, coupons: 120 } });
  const names = ['prices', 'plans', 'coupons', 'promotion_codes', 'shipping_rates'];
  const result = await read(sandbox, names);
  const rowsOf = (name: string) => recordsOf(result, name).map(({ data }) => data);
  const tiered = [...rowsOf('prices'), ...rowsOf('plans')].filter((row) => row['billing_scheme'] === 'tiered');
  expect(tiered.length).toBeGreaterThan(5);
  for (const row of tiered) expect(row['tiers']).toEqual([expect.anything(), expect.anything()]);
  for (const row of rowsOf('prices')) expect(row['currency_options']).toEqual(expect.any(Object));
  for (const row of rowsOf('coupons')) expect(row).toMatchObject({ applies_to: { products: [expect.any(String)] } });
  expect(rowsOf('promotion_codes')[0]).toHaveProperty('restrictions.currency_options.eur');
  expect(rowsOf('shipping_rates')[0]).toHaveProperty('fixed_amount.currency_options.eur');
});

it('the transactions of a payout are requested only when Stripe has recorded them, and the log counts the other payouts by reason', async () => {
  const sandbox = await ownSandbox({ rows: { payouts: 30, balance_transactions: 900 } });
  const automatic = [...sandbox.objects('payouts')].filter((payout) => payout['automatic'] === true);
  const manual = 30 - automatic.length;
  const unfinished = automatic.slice(0, 2).map(({ id }) => String(id));
  for (const id of unfinished) sandbox.update('payouts', id, { fields: { reconciliation_status: 'in_progress' } });
  const result = await read(sandbox, ['payout_balance_transactions']);
  const parents = new Set(recordsOf(result, 'payout_balance_transactions').map(({ data }) => data['payout']));
  expect(unfinished.filter((id) => parents.has(id))).toEqual([]);
  expect(parents.size).toBeGreaterThan(0);
  const asked = sandbox.requests().flatMap(({ query }) => query['payout'] ?? []);
  expect(unfinished.filter((id) => asked.includes(id))).toEqual([]);
  const logs = logsOf(result, 'INFO').join('\n');
  expect(logs).toMatch(/no rows for 2 of the payouts: Stripe has not yet recorded/);
  expect(logs).toContain(`no rows for ${manual} of the payouts: Stripe does not record`);
  expect(statusesOf(result, 'payout_balance_transactions').at(-1)).toBe('COMPLETE');
});
