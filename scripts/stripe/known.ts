import { catalog } from '../../src/streams/catalog.js';
import { kindsOf } from '../../src/streams/definition.js';
import { loadEmbeddedLists } from './embedded.js';
import { loadLists } from './lists.js';
import { loadOptionalFields } from './optional.js';
import { loadResources } from './resources.js';
import { loadRetrieves } from './retrieves.js';
import type { Package } from './review.js';

/** What the pinned `stripe` package knows of the streams. */
export function loadPackage(): Package {
  return {
    lists: loadLists(),
    resources: loadResources(),
    retrieves: loadRetrieves(),
    embedded: loadEmbeddedLists(),
    optional: loadOptionalFields(expandingKinds()),
  };
}

/** The kinds of rows in which fields can be asked for with `expand[]`: those of API v1. */
function expandingKinds(): ReadonlySet<string> {
  return new Set(catalog.filter(({ path }) => path.startsWith('/v1/')).flatMap(kindsOf));
}
