import type { Area } from '../definition.js';

export const files: Area = {
  name: 'Files',
  streams: [
    {
      name: 'file_links',
      path: '/v1/file_links',
      object: 'file_link',
    },
    { name: 'files', path: '/v1/files', object: 'file', newestFirst: true },
  ],
};
