import type { StreamDefinition } from './definition.js';

/** For each stream, the fields that the user wants expanded. */
export type ExpandedFields = Readonly<Record<string, readonly string[]>>;

/**
 * The fields that are expanded in a stream's objects: its own, and the lists of the children that are read with it. Children
 * in which the user wants fields expanded are read by their own lists, so that their parent's rows stay as they are.
 */
export function expandedFields(
  stream: StreamDefinition,
  children: readonly StreamDefinition[],
  expand: ExpandedFields,
): readonly string[] {
  const own = [...(stream.expand ?? []), ...(expand[stream.name] ?? [])];
  const embedded = children
    .filter(({ parent }) => parent?.stream === stream && parent.expand)
    .filter((child) => !isExpanded(child, expand))
    .flatMap(({ parent }) => parent?.embeddedIn ?? []);
  return [...new Set([...own, ...embedded])];
}

/** Whether the user wants fields of this stream expanded. */
export function isExpanded({ name }: StreamDefinition, expand: ExpandedFields): boolean {
  return (expand[name] ?? []).length > 0;
}

/** Query parameters: name and value. */
export type ExpandParams = readonly (readonly [string, string])[];

/** `expand[]` for a list, which names the fields from the list on. */
export function expandInList(fields: readonly string[]): ExpandParams {
  return fields.map((field) => ['expand[]', `data.${field}`]);
}

/** `expand[]` for one object. */
export function expandInObject(fields: readonly string[]): ExpandParams {
  return fields.map((field) => ['expand[]', field]);
}
