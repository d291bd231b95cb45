import type Stripe from 'stripe';
import type { Row } from '../data/row.js';
import { template } from '../data/template.js';
import type { Kind } from './kind.js';
import { metadataOf } from './words.js';

const file = template<Stripe.File, Row>({
  id: (r) => r.id,
  object: 'file',
  created: (r) => r.created,
  expires_at: (r) => (r.chance(300, 0.3) ? r.created + 30 * 86_400 : null),
  filename: (r) => r.pick(301, ['receipt.png', 'Rechnung März.pdf', 'レシート.jpg']),
  links: (r) => ({ object: 'list', data: [], has_more: false, url: `/v1/file_links?file=${r.id}` }),
  purpose: (r) => r.pick(302, ['dispute_evidence', 'business_logo', 'finance_report_run']),
  size: (r) => r.between(303, 900, 8_000_000),
  title: (r) => (r.chance(304, 0.5) ? null : 'Receipt'),
  type: (r) => r.pick(305, ['png', 'pdf', 'csv']),
  url: (r) => `https://files.stripe.com/v1/files/${r.id}/contents`,
});

export const files: Kind = {
  name: 'files',
  path: '/v1/files',
  object: 'file',
  prefix: 'file_1',
  permission: ['file_read', 'Files Read'],
  filters: { purpose: 'purpose' },
  events: { created: () => 'file.created' },
  write: file,
};

const webhookEndpoint = template<Stripe.WebhookEndpoint, Row>({
  id: (r) => r.id,
  object: 'webhook_endpoint',
  api_version: (r) => r.pick(310, [null, '2025-09-30.clover']),
  application: null,
  created: (r) => r.created,
  description: (r) => (r.chance(311, 0.5) ? 'This is my webhook, I like it a lot' : null),
  enabled_events: (r) => (r.index % 2 === 0 ? ['*'] : ['charge.failed', 'charge.succeeded']),
  livemode: false,
  metadata: (r) => metadataOf(r, 37),
  status: (r) => (r.index % 3 === 2 ? 'disabled' : 'enabled'),
  url: (r) => `https://example.com/my/webhook/endpoint/${r.index}?a=1&b=%20`,
});

export const webhookEndpoints: Kind = {
  name: 'webhook_endpoints',
  path: '/v1/webhook_endpoints',
  object: 'webhook_endpoint',
  prefix: 'we_1',
  createdFilter: false,
  permission: ['webhook_read', 'All webhook Read'],
  write: webhookEndpoint,
};
