import type { StreamDefinition } from './definition.js';

/**
 * The `expand[]` parameters of a stream's list requests: its own fields, the lists of the children that are read with
 * it, and, through the list that embeds them, the fields of those children. Stripe follows four levels
 * (docs.stripe.com/api/expanding_objects).
 */
export function expandParams(
  stream: StreamDefinition,
  children: readonly StreamDefinition[],
  expand: Readonly<Record<string, readonly string[]>>,
): readonly (readonly [string, string])[] {
  const own = [...(stream.expand ?? []), ...(expand[stream.name] ?? [])].map((field) => `data.${field}`);
  const embedded = children
    .filter(({ parent }) => parent?.stream === stream && parent.embeddedIn !== undefined)
    .flatMap(({ name, parent }) => [
      ...(parent?.expand ? [`data.${parent.embeddedIn}`] : []),
      ...(expand[name] ?? []).map((field) => `data.${parent?.embeddedIn}.data.${field}`),
    ]);
  return [...new Set([...own, ...embedded])].map((field) => ['expand[]', field]);
}
