import type { Stream } from '../protocol/messages.js';
import { catalog } from '../streams/catalog.js';
import { cursorFieldOf, isIncremental, primaryKeyOf, type StreamDefinition } from '../streams/definition.js';
import { type Schema, schemaFor, schemaOfKind } from '../streams/schemas.js';
import { type Context, loadSettings } from './context.js';

/** Prints every stream with its schema, as this configuration reads it. */
export async function discover(context: Context): Promise<boolean> {
  const { expand } = await loadSettings(context);
  const streams = catalog.map((stream) => describe(stream, schemaFor(stream, expand[stream.name] ?? [], schemaOfKind)));
  await context.write({ type: 'CATALOG', catalog: { streams } });
  return true;
}

/**
 * A stream that is not incremental is full refresh, with a synthetic cursor: the protocol wants `source_defined_cursor` set
 * wherever `is_resumable` is.
 */
function describe(stream: StreamDefinition, json_schema: Schema): Stream {
  const hasCursor = isIncremental(stream);
  return {
    name: stream.name,
    json_schema,
    supported_sync_modes: hasCursor ? ['full_refresh', 'incremental'] : ['full_refresh'],
    source_defined_cursor: true,
    default_cursor_field: hasCursor ? [cursorFieldOf(stream)] : [],
    source_defined_primary_key: primaryKeyOf(stream).map((field) => [field]),
    is_resumable: true,
  };
}
