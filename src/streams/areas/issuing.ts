import type { Area, StreamDefinition } from '../definition.js';

/** 400 "Your account is not set up to use Issuing" on every list of it (stripe/sync-engine, 2026-11). */
const ISSUING = 'Issuing';

const issuingCards: StreamDefinition = {
  name: 'cards',
  path: '/v1/issuing/cards',
  object: 'issuing.card',
  product: ISSUING,
  newestFirst: true,
};

export const issuing: Area = {
  name: 'Issuing',
  streams: [
    {
      name: 'authorizations',
      path: '/v1/issuing/authorizations',
      object: 'issuing.authorization',
      product: ISSUING,
      newestFirst: true,
    },
    {
      name: 'cardholders',
      path: '/v1/issuing/cardholders',
      object: 'issuing.cardholder',
      product: ISSUING,
      newestFirst: true,
    },
    issuingCards,
    {
      name: 'issuing_disputes',
      path: '/v1/issuing/disputes',
      object: 'issuing.dispute',
      product: ISSUING,
      newestFirst: true,
    },
    {
      name: 'issuing_personalization_designs',
      path: '/v1/issuing/personalization_designs',
      object: 'issuing.personalization_design',
      product: ISSUING,
      createdFilter: false,
      newestFirst: true,
    },
    {
      name: 'issuing_physical_bundles',
      path: '/v1/issuing/physical_bundles',
      object: 'issuing.physical_bundle',
      product: ISSUING,
      createdFilter: false,
      newestFirst: true,
    },
    {
      name: 'issuing_tokens',
      path: '/v1/issuing/tokens',
      object: 'issuing.token',
      parent: { stream: issuingCards, query: { card: 'id' } },
    },
    {
      name: 'transactions',
      path: '/v1/issuing/transactions',
      object: 'issuing.transaction',
      product: ISSUING,
      newestFirst: true,
    },
  ],
};
