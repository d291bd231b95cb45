import type { Area, StreamDefinition } from '../definition.js';

const issuingCards: StreamDefinition = {
  name: 'cards',
  path: '/v1/issuing/cards',
  object: 'issuing.card',
  newestFirst: true,
};

export const issuing: Area = {
  name: 'Issuing',
  streams: [
    { name: 'authorizations', path: '/v1/issuing/authorizations', object: 'issuing.authorization', newestFirst: true },
    { name: 'cardholders', path: '/v1/issuing/cardholders', object: 'issuing.cardholder', newestFirst: true },
    issuingCards,
    { name: 'issuing_disputes', path: '/v1/issuing/disputes', object: 'issuing.dispute', newestFirst: true },
    {
      name: 'issuing_personalization_designs',
      path: '/v1/issuing/personalization_designs',
      object: 'issuing.personalization_design',
      createdFilter: false,
      newestFirst: true,
    },
    {
      name: 'issuing_physical_bundles',
      path: '/v1/issuing/physical_bundles',
      object: 'issuing.physical_bundle',
      createdFilter: false,
      newestFirst: true,
    },
    {
      name: 'issuing_tokens',
      path: '/v1/issuing/tokens',
      object: 'issuing.token',
      parent: { stream: issuingCards, query: { card: 'id' } },
    },
    { name: 'transactions', path: '/v1/issuing/transactions', object: 'issuing.transaction', newestFirst: true },
  ],
};
