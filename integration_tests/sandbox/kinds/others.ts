import type Stripe from 'stripe';
import type { Row } from '../data/model.js';
import { template } from '../data/template.js';
import type { Kind } from './kind.js';
import { SALT } from './salts.js';
import { metadataOf } from './words.js';

const file = template<Stripe.File, Row>({
  id: (r) => r.id,
  object: 'file',
  created: (r) => r.created,
  expires_at: (r) => (r.chance(SALT.file.expires, 0.3) ? r.created + 30 * 86_400 : null),
  filename: (r) => r.pick(SALT.file.filename, ['receipt.png', 'Rechnung März.pdf', 'レシート.jpg']),
  links: (r) => ({ object: 'list', data: [], has_more: false, url: `/v1/file_links?file=${r.id}` }),
  purpose: (r) => r.pick(SALT.file.purpose, ['dispute_evidence', 'business_logo', 'finance_report_run']),
  size: (r) => r.between(SALT.file.size, 900, 8_000_000),
  title: (r) => (r.chance(SALT.file.title, 0.5) ? null : 'Receipt'),
  type: (r) => r.pick(SALT.file.type, ['png', 'pdf', 'csv']),
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
  api_version: (r) => r.pick(SALT.webhook.apiVersion, [null, '2025-09-30.clover']),
  application: null,
  created: (r) => r.created,
  description: (r) => (r.chance(SALT.webhook.description, 0.5) ? 'This is my webhook, I like it a lot' : null),
  enabled_events: (r) => (r.index % 2 === 0 ? ['*'] : ['charge.failed', 'charge.succeeded']),
  livemode: false,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
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
