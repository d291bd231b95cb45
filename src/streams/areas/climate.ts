import type { Area } from '../definition.js';

export const climate: Area = {
  name: 'Climate',
  streams: [
    {
      name: 'climate_orders',
      path: '/v1/climate/orders',
      object: 'climate.order',
      createdFilter: false,
      newestFirst: true,
    },
    { name: 'climate_products', path: '/v1/climate/products', object: 'climate.product', createdFilter: false },
    { name: 'climate_suppliers', path: '/v1/climate/suppliers', object: 'climate.supplier', createdFilter: false },
  ],
};
