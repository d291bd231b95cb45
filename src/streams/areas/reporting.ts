import type { Area } from '../definition.js';

export const reporting: Area = {
  name: 'Events and reporting',
  streams: [
    {
      name: 'events',
      path: '/v1/events',
      object: 'event',
      keptDays: 30,
      snapshots: true,
      note: 'Stripe keeps events for 30 days.',
    },
    {
      name: 'reporting_report_runs',
      path: '/v1/reporting/report_runs',
      object: 'reporting.report_run',
      newestFirst: true,
    },
    {
      name: 'reporting_report_types',
      path: '/v1/reporting/report_types',
      object: 'reporting.report_type',
      paginates: false,
      createdFilter: false,
    },
    /** 400 "This API surface is not enabled for testmode usage" (stripe/sync-engine, 2026-11). */
    {
      name: 'sigma_scheduled_query_runs',
      path: '/v1/sigma/scheduled_query_runs',
      object: 'scheduled_query_run',
      product: 'Sigma',
      createdFilter: false,
    },
    { name: 'webhook_endpoints', path: '/v1/webhook_endpoints', object: 'webhook_endpoint', createdFilter: false },
  ],
};
