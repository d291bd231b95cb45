import type { Area, StreamDefinition } from '../definition.js';

/** 400 "Your account is not set up to use Identity" (stripe/sync-engine, 2026-11). */
const IDENTITY = 'Identity';

const valueLists: StreamDefinition = {
  name: 'radar_value_lists',
  path: '/v1/radar/value_lists',
  object: 'radar.value_list',
  newestFirst: true,
};

export const risk: Area = {
  name: 'Radar and Identity',
  streams: [
    { name: 'early_fraud_warnings', path: '/v1/radar/early_fraud_warnings', object: 'radar.early_fraud_warning' },
    {
      name: 'identity_verification_reports',
      path: '/v1/identity/verification_reports',
      object: 'identity.verification_report',
      product: IDENTITY,
    },
    {
      name: 'identity_verification_sessions',
      path: '/v1/identity/verification_sessions',
      object: 'identity.verification_session',
      product: IDENTITY,
    },
    {
      name: 'radar_value_list_items',
      path: '/v1/radar/value_list_items',
      object: 'radar.value_list_item',
      newestFirst: true,
      parent: { stream: valueLists, embeddedIn: 'list_items', query: { value_list: 'id' } },
    },
    valueLists,
    {
      name: 'reviews',
      path: '/v1/reviews',
      object: 'review',
      newestFirst: true,
      note: 'Open ones only: Stripe does not list a review that is closed.',
    },
  ],
};
