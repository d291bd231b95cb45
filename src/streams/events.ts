import { kindsOf, type StreamDefinition } from './definition.js';
import { eventKinds } from './events.generated.js';

/** Events whose object is an invoice that does not exist yet and has no id (Stripe's reference, 2026-10-28). */
const PREVIEWS = ['invoice.upcoming'];

/** The types of Stripe's events that announce a change of a row of the stream. */
export function eventTypesOf(stream: StreamDefinition): readonly string[] {
  const kinds = kindsOf(stream);
  return Object.entries(eventKinds)
    .filter(([type, carried]) => carried.some((kind) => kinds.includes(kind)) && !PREVIEWS.includes(type))
    .map(([type]) => type)
    .filter((type) => stream.events?.some((pattern) => matches(type, pattern)) ?? true);
}

/** Whether a type matches a pattern, in which `*` stands for one word. */
function matches(type: string, pattern: string): boolean {
  const [words, wanted] = [type.split('.'), pattern.split('.')];
  return words.length === wanted.length && wanted.every((word, index) => word === '*' || word === words[index]);
}
