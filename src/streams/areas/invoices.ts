import type { Area, StreamDefinition } from '../definition.js';

const creditNotes: StreamDefinition = { name: 'credit_notes', path: '/v1/credit_notes', object: 'credit_note' };

const allInvoices: StreamDefinition = { name: 'invoices', path: '/v1/invoices', object: 'invoice', newestFirst: true };

export const invoices: Area = {
  name: 'Invoices',
  streams: [
    {
      name: 'credit_note_line_items',
      path: '/v1/credit_notes/{id}/lines',
      object: 'credit_note_line_item',
      parent: { stream: creditNotes, embeddedIn: 'lines', copy: { credit_note: 'id' } },
    },
    creditNotes,
    /**
     * Their list is sorted by the time of creation, which is not in the objects, and filtered by `date`, which the user
     * can choose (Stripe's reference, 2026-10-28). By `date`, the list is in no order.
     */
    {
      name: 'invoice_items',
      path: '/v1/invoiceitems',
      object: 'invoiceitem',
      cursorField: 'date',
    },
    {
      name: 'invoice_line_items',
      path: '/v1/invoices/{id}/lines',
      object: 'line_item',
      parent: { stream: allInvoices, embeddedIn: 'lines', copy: { invoice_id: 'id', invoice_created: 'created' } },
    },
    { name: 'invoice_payments', path: '/v1/invoice_payments', object: 'invoice_payment' },
    {
      name: 'invoice_rendering_templates',
      path: '/v1/invoice_rendering_templates',
      object: 'invoice_rendering_template',
      createdFilter: false,
      newestFirst: true,
    },
    allInvoices,
  ],
};
