import { descriptorKey, isObject, parseDescriptor } from './catalog.js';
import { ConfigError } from './errors.js';
import type { StreamDescriptor } from './messages.js';

/** The stored state of each stream, by name and namespace. What a state holds is not this layer's business. */
export interface InputState {
  readonly of: (stream: StreamDescriptor) => unknown;
}

/**
 * Reads every form in which readers hand a state back: an array of state messages (Airbyte), one message, `[]`, `{}`,
 * nothing, or a map from stream name to state (Estuary, LEGACY). A null state is no state. Later entries win.
 */
export function parseState(raw: unknown): InputState {
  const states = new Map<string, unknown>();
  for (const [descriptor, state] of entries(raw)) {
    if (state !== null && state !== undefined) states.set(descriptorKey(descriptor), state);
    else states.delete(descriptorKey(descriptor));
  }
  return { of: (stream) => states.get(descriptorKey(stream)) };
}

type Entry = readonly [StreamDescriptor, unknown];

function entries(raw: unknown): readonly Entry[] {
  if (raw === undefined || raw === null) return [];
  if (Array.isArray(raw)) return raw.flatMap(messageEntries);
  if (!isObject(raw)) throw malformed('it is neither an array of state messages nor an object');
  return isMessage(raw) ? messageEntries(raw) : mapEntries(raw);
}

/** A message has a `type` in capitals, or carries `stream` as the protocol nests it; a stream's state has neither. */
function isMessage(raw: Readonly<Record<string, unknown>>): boolean {
  if (['STREAM', 'GLOBAL', 'LEGACY', 'STATE'].includes(String(raw['type']))) return true;
  return isObject(raw['stream']) && 'stream_descriptor' in raw['stream'];
}

function messageEntries(raw: unknown): readonly Entry[] {
  if (!isObject(raw)) throw malformed('an entry of the array is not an object');
  if (raw['type'] === 'STATE' && isObject(raw['state'])) return messageEntries(raw['state']);
  if (isObject(raw['global'])) return globalEntries(raw['global']);
  if (isObject(raw['stream'])) return [streamEntry(raw['stream'])];
  if (isObject(raw['data'])) return mapEntries(raw['data']);
  throw malformed('an entry has no "stream"');
}

function globalEntries(global: Readonly<Record<string, unknown>>): readonly Entry[] {
  const states = global['stream_states'];
  if (!Array.isArray(states)) throw malformed('"global" has no list "stream_states"');
  return states.map(streamEntry);
}

function streamEntry(raw: unknown): Entry {
  const descriptor = isObject(raw) ? parseDescriptor(raw['stream_descriptor']) : undefined;
  if (!isObject(raw) || !descriptor) throw malformed('an entry has no "stream_descriptor" with a name');
  return [descriptor, raw['stream_state']];
}

function mapEntries(map: Readonly<Record<string, unknown>>): readonly Entry[] {
  return Object.entries(map).map(([name, state]) => [{ name }, state]);
}

function malformed(why: string): ConfigError {
  return new ConfigError(
    `The state is not in a form that can be read: ${why}. Pass the state of the last sync unchanged, or none.`,
  );
}
