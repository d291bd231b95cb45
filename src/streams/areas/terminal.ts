import type { Area } from '../definition.js';

export const terminal: Area = {
  name: 'Terminal',
  streams: [
    {
      name: 'terminal_configurations',
      path: '/v1/terminal/configurations',
      object: 'terminal.configuration',
      createdFilter: false,
    },
    { name: 'terminal_locations', path: '/v1/terminal/locations', object: 'terminal.location', createdFilter: false },
    { name: 'terminal_readers', path: '/v1/terminal/readers', object: 'terminal.reader', createdFilter: false },
  ],
};
