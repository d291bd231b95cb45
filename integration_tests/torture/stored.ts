import type { StateMessage } from '../../src/protocol/messages.js';
import { keyOfStream } from './own.js';
import type { StateForm } from './scenario.js';

/** The last state of each stream that an orchestrator keeps, by the key of the stream. */
export type States = ReadonlyMap<string, StateMessage>;

/** Keeps the last states that were seen; a killed attempt may have shown none. */
export function keep(before: States, seen: readonly StateMessage[]): States {
  return new Map([...before, ...seen.map((state) => [keyOf(state), state] as const)]);
}

/** The states in one of the forms in which orchestrators and people hand them back; undefined when there are none. */
export function handedBack(states: States, form: StateForm): unknown {
  const all = [...states.values()];
  const [first] = all;
  if (!first) return undefined;
  switch (form) {
    case 'texts':
      return all.map(({ stream, ...rest }) => ({
        ...rest,
        stream: { ...stream, stream_state: withTexts(stream.stream_state) },
      }));
    case 'entry':
      return all.length === 1 ? first.stream : all;
    case 'airbyte_state':
      return { airbyte_state: all };
    case 'map':
      return hasNamespaces(all) ? all : mapOf(all);
    case 'bookmarks':
      return hasNamespaces(all) ? all : { bookmarks: mapOf(all) };
    default:
      return all;
  }
}

function keyOf({ stream: { stream_descriptor } }: StateMessage): string {
  const { name, namespace = null } = stream_descriptor;
  return keyOfStream({ name, namespace });
}

/** A map from names has no place for namespaces. */
function hasNamespaces(states: readonly StateMessage[]): boolean {
  return states.some(({ stream }) => stream.stream_descriptor.namespace !== undefined);
}

function mapOf(states: readonly StateMessage[]): Readonly<Record<string, object>> {
  return Object.fromEntries(states.map(({ stream }) => [stream.stream_descriptor.name, stream.stream_state]));
}

/** Some platforms store every number as a text. */
function withTexts(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(withTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, withTexts(field)]));
}
