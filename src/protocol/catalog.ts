import { ConfigError } from './errors.js';
import type { StreamDescriptor, SyncMode } from './messages.js';

/** A stream that the user selected, and how to sync it. */
export interface ConfiguredStream {
  readonly descriptor: StreamDescriptor;
  readonly syncMode: SyncMode;
  readonly destinationSyncMode: DestinationSyncMode;
  /** The destination drops the rows of earlier generations than this one; 0 keeps them all. */
  readonly minimumGenerationId: number;
}

/** The protocol's five and the platform's `overwrite_dedup`. */
export type DestinationSyncMode =
  | 'append'
  | 'overwrite'
  | 'append_dedup'
  | 'overwrite_dedup'
  | 'update'
  | 'soft_delete';

const SYNC_MODES: readonly unknown[] = ['full_refresh', 'incremental'];

const DESTINATION_SYNC_MODES: readonly DestinationSyncMode[] = [
  'append',
  'overwrite',
  'append_dedup',
  'overwrite_dedup',
  'update',
  'soft_delete',
];

/** Reads a configured catalog. Unknown keys and nulls are ignored; absent modes mean the protocol's defaults. */
export function parseCatalog(raw: unknown): readonly ConfiguredStream[] {
  if (!isObject(raw) || !Array.isArray(raw['streams'])) {
    throw new ConfigError('The catalog must be a JSON object with a list "streams".');
  }
  const streams = raw['streams'].map(parseStream);
  const seen = new Set<string>();
  for (const { descriptor } of streams) {
    const key = descriptorKey(descriptor);
    if (seen.has(key)) throw new ConfigError(`The catalog configures the stream ${descriptor.name} twice.`);
    seen.add(key);
  }
  return streams;
}

/**
 * Whether the destination may drop what earlier syncs gave it. `overwrite` means that of a full refresh only, because
 * PyAirbyte sends it for every stream.
 */
export function isOverwritten({ syncMode, destinationSyncMode, minimumGenerationId }: ConfiguredStream): boolean {
  if (minimumGenerationId > 0) return true;
  return syncMode === 'full_refresh' && destinationSyncMode.startsWith('overwrite');
}

/** Null, absent and empty namespaces are the same. */
export function descriptorKey({ name, namespace }: StreamDescriptor): string {
  return JSON.stringify([name, namespace ?? '']);
}

/** Reads `{name, namespace}`; undefined when there is no name. */
export function parseDescriptor(raw: unknown): StreamDescriptor | undefined {
  if (!isObject(raw) || typeof raw['name'] !== 'string') return undefined;
  const namespace = raw['namespace'];
  return typeof namespace === 'string' && namespace !== '' ? { name: raw['name'], namespace } : { name: raw['name'] };
}

/** Whether a value is an object with fields: neither null nor an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null and absent mean the same in everything that is read from files. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function parseStream(raw: unknown, index: number): ConfiguredStream {
  const descriptor = isObject(raw) ? parseDescriptor(raw['stream']) : undefined;
  if (!isObject(raw) || !descriptor) {
    throw new ConfigError(`Entry ${index + 1} of the catalog has no stream with a name.`);
  }
  const syncMode = raw['sync_mode'] ?? 'full_refresh';
  if (!isSyncMode(syncMode)) throw invalidMode(descriptor, 'sync_mode', SYNC_MODES);
  const given = raw['destination_sync_mode'] ?? 'append';
  const destinationSyncMode = DESTINATION_SYNC_MODES.find((mode) => mode === given);
  if (!destinationSyncMode) throw invalidMode(descriptor, 'destination_sync_mode', DESTINATION_SYNC_MODES);
  const minimumGenerationId = Number(raw['minimum_generation_id'] ?? 0) || 0;
  return { descriptor, syncMode, destinationSyncMode, minimumGenerationId };
}

function isSyncMode(value: unknown): value is SyncMode {
  return SYNC_MODES.includes(value);
}

function invalidMode(stream: StreamDescriptor, key: string, allowed: readonly unknown[]): ConfigError {
  return new ConfigError(`The catalog has an unknown ${key} for stream ${stream.name}: use ${allowed.join(', ')}.`);
}
