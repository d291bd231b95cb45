import { descriptorKey, isAbsent, isObject, parseDescriptor } from './catalog.js';
import { ConfigError } from './errors.js';
import type { StreamDescriptor } from './messages.js';

/** The stored state of each stream, by name and namespace. This layer does not look into the states. */
export interface InputState {
  readonly of: (stream: StreamDescriptor) => unknown;
  /** A sentence about each part of the state that a sync of these streams does not use, although the user may expect it. */
  readonly warnings: (configured: readonly StreamDescriptor[]) => readonly string[];
}

type Entry = readonly [StreamDescriptor, unknown];
type Fields = Readonly<Record<string, unknown>>;
type Names = ReadonlySet<string>;

/**
 * Reads every form in which readers hand a state back: state messages (Airbyte) or their entries, one or many; a map
 * from stream name to state (Estuary, LEGACY); either of them inside `airbyte_state` (Meltano), `bookmarks` (Singer) or
 * another wrapper; nothing, `[]` and `{}`. `names` are those of all streams that exist. A null state is no state. Later
 * entries win. Throws a ConfigError for anything else: if it were ignored, everything would silently be read again.
 */
export function parseState(raw: unknown, names: Iterable<string>): InputState {
  const known: Names = new Set(names);
  const states = new Map<string, Entry>();
  const unknown = new Set<string>();
  for (const entry of entriesOf(raw, known)) {
    const [descriptor, state] = entry;
    if (!known.has(descriptor.name)) unknown.add(descriptor.name);
    else if (isAbsent(state)) states.delete(descriptorKey(descriptor));
    else states.set(descriptorKey(descriptor), entry);
  }
  return {
    of: (stream) => states.get(descriptorKey(stream))?.[1],
    warnings: (configured) => [...unknownIn(unknown), ...misplacedIn([...states.values()], configured)],
  };
}

function* unknownIn(names: Names): Generator<string> {
  if (names.size === 0) return;
  yield `The state names streams that this connector does not have; they are ignored: ${someOf([...names])}.`;
}

/** A state belongs to one namespace, so a state under another one is not used. */
function* misplacedIn(entries: readonly Entry[], configured: readonly StreamDescriptor[]): Generator<string> {
  const found = new Set(entries.map(([descriptor]) => descriptorKey(descriptor)));
  for (const stream of configured.filter((each) => !found.has(descriptorKey(each)))) {
    const other = entries.find(([{ name }]) => name === stream.name)?.[0];
    if (!other) continue;
    const [there, here] = [other, stream].map(namespaceOf);
    yield `${stream.name}: the state has this stream ${there}, but the catalog has it ${here}, so it is read from its beginning.`;
  }
}

function namespaceOf({ namespace }: StreamDescriptor): string {
  return namespace === undefined ? 'without a namespace' : `in the namespace "${namespace}"`;
}

function entriesOf(raw: unknown, known: Names): readonly Entry[] {
  if (isAbsent(raw)) return [];
  if (typeof raw === 'string') return entriesOf(parseText(raw), known);
  if (Array.isArray(raw)) return raw.flatMap((each) => elementEntries(each, known));
  if (!isObject(raw)) throw malformed('it is neither an array of state messages nor an object');
  return Object.keys(raw).length === 0 ? [] : objectEntries(raw, known);
}

function elementEntries(raw: unknown, known: Names): readonly Entry[] {
  if (!isObject(raw)) throw malformed('an entry of the array is not an object');
  return objectEntries(raw, known);
}

/** A state in a JSON string, which means that it was encoded twice. */
function parseText(raw: string): unknown {
  if (raw.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(raw);
    if (typeof value === 'object') return value;
  } catch {}
  throw malformed('it is a string');
}

function objectEntries(raw: Fields, known: Names): readonly Entry[] {
  if (descriptorIn(raw) !== undefined) return [streamEntry(raw)];
  const keys = Object.keys(raw);
  if (keys.some((key) => known.has(key))) return Object.entries(raw).map(([name, state]) => [{ name }, state]);
  const wrapper = WRAPPERS.find(({ key }) => !isAbsent(raw[key]));
  if (wrapper) return wrapper.read(raw[wrapper.key], known);
  if (CONTAINERS.some((key) => key in raw) || raw['stateType'] === NO_STATE) return [];
  throw malformed(whyUnknown(raw));
}

/** Keys that may wrap a state of any form; null stands for no state. */
const CONTAINERS: readonly string[] = ['state', 'value', 'data', 'airbyte_state', 'singer_state', 'bookmarks'];

/** The `stateType` that Airbyte's API gives to a connection without a state. */
const NO_STATE = 'not_set';

const LISTS: readonly string[] = ['stream_states', 'streamStates', 'streamState', 'streams'];

interface Wrapper {
  readonly key: string;
  readonly read: (inner: unknown, known: Names) => readonly Entry[];
}

/** The protocol's own forms come first, because a message may also carry its state in an outdated form. */
const WRAPPERS: readonly Wrapper[] = [
  ...['global', 'globalState'].map((key) => ({ key, read: globalEntries })),
  { key: 'stream', read: (inner) => [streamEntry(inner)] },
  ...[...LISTS, ...CONTAINERS].map((key) => ({ key, read: entriesOf })),
];

function globalEntries(global: unknown): readonly Entry[] {
  const states = isObject(global) ? (global['stream_states'] ?? global['streamStates']) : undefined;
  if (!Array.isArray(states)) throw malformed('"global" has no list "stream_states"');
  return states.map(streamEntry);
}

function streamEntry(raw: unknown): Entry {
  const descriptor = isObject(raw) ? parseDescriptor(descriptorIn(raw)) : undefined;
  if (!isObject(raw) || !descriptor) throw malformed('an entry has no "stream_descriptor" with a name');
  return [descriptor, raw['stream_state'] ?? raw['streamState']];
}

/** The API and the user interface of Airbyte write the names of the protocol in camel case. */
function descriptorIn(raw: Fields): unknown {
  return raw['stream_descriptor'] ?? raw['streamDescriptor'];
}

function whyUnknown(raw: Fields): string {
  const keys = someOf(Object.keys(raw));
  if ('created' in raw || 'updated' in raw) {
    return `it looks like the state of one stream (${keys}) and does not say which one: wrap it in {"<stream>": {…}}`;
  }
  return `none of its keys is a stream of this connector (${keys})`;
}

const NAMES_TO_SHOW = 5;
const LONGEST_NAME = 60;

function someOf(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_TO_SHOW).map((name) => name.slice(0, LONGEST_NAME));
  const rest = names.length - shown.length;
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function malformed(why: string): ConfigError {
  return new ConfigError(
    `The state is not in a form that can be read: ${why}. Pass the state of the last sync unchanged, or none.`,
  );
}
