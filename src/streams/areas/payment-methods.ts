import type { Area, StreamDefinition } from '../definition.js';

const setupIntents: StreamDefinition = { name: 'setup_intents', path: '/v1/setup_intents', object: 'setup_intent' };

export const paymentMethods: Area = {
  name: 'Payment methods',
  streams: [
    {
      name: 'apple_pay_domains',
      path: '/v1/apple_pay/domains',
      object: 'apple_pay_domain',
      createdFilter: false,
    },
    {
      name: 'custom_payment_methods',
      path: '/v1/payment_methods',
      object: 'payment_method',
      params: { type: 'custom' },
      createdFilter: false,
      events: [],
      note: 'The payment methods of type custom, which Stripe leaves out of the list of all.',
    },
    {
      name: 'payment_method_configurations',
      path: '/v1/payment_method_configurations',
      object: 'payment_method_configuration',
      createdFilter: false,
    },
    {
      name: 'payment_method_domains',
      path: '/v1/payment_method_domains',
      object: 'payment_method_domain',
      createdFilter: false,
    },
    {
      name: 'payment_methods',
      path: '/v1/payment_methods',
      object: 'payment_method',
      createdFilter: false,
      note: 'Without those of type custom: they are the stream custom_payment_methods. Those that customers have now are also customer_payment_methods.',
    },
    {
      name: 'setup_attempts',
      path: '/v1/setup_attempts',
      object: 'setup_attempt',
      retrieve: false,
      parent: { stream: setupIntents, query: { setup_intent: 'id' } },
    },
    setupIntents,
  ],
};
