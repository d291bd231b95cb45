import type { Area, StreamDefinition } from '../definition.js';

const checkoutSessions: StreamDefinition = {
  name: 'checkout_sessions',
  path: '/v1/checkout/sessions',
  object: 'checkout.session',
};

const paymentLinks: StreamDefinition = {
  name: 'payment_links',
  path: '/v1/payment_links',
  object: 'payment_link',
  createdFilter: false,
};

export const checkout: Area = {
  name: 'Checkout',
  streams: [
    checkoutSessions,
    {
      name: 'checkout_sessions_line_items',
      path: '/v1/checkout/sessions/{id}/line_items',
      object: 'item',
      parent: {
        stream: checkoutSessions,
        embeddedIn: 'line_items',
        expand: true,
        copy: {
          checkout_session_id: 'id',
          checkout_session_created: 'created',
          checkout_session_expires_at: 'expires_at',
        },
      },
    },
    {
      name: 'payment_link_line_items',
      path: '/v1/payment_links/{id}/line_items',
      object: 'item',
      parent: { stream: paymentLinks, embeddedIn: 'line_items', expand: true, copy: { payment_link: 'id' } },
    },
    paymentLinks,
  ],
};
