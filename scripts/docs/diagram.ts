import type { Area, StreamDefinition } from '../../src/streams/definition.js';
import type { Relation } from './relations.js';

/** An id that may belong to more streams than this says little in a picture. */
const MOST_TARGETS = 3;

/** An arrow names no more fields than this. */
const MOST_FIELDS = 3;

/** Whether a picture shows the relation. */
export function isDrawn({ to }: Relation): boolean {
  return to.length <= MOST_TARGETS;
}

/**
 * A Mermaid picture of an area: an arrow leads from a row to the row whose id it holds, a thick line from a parent to the
 * child that is read with it. Streams of other areas are round. Undefined where nothing relates.
 */
export function draw({ streams }: Area, relations: readonly Relation[]): string | undefined {
  const children = streams.filter(({ parent }) => parent);
  const arrows = group(relations.filter(isDrawn).filter((relation) => !isOwnership(relation)));
  const lines = [
    ...children.map(({ name, parent }) => `${parent?.stream.name} === ${name}`),
    ...[...arrows].map(([ends, fields]) => ends.replace('>', `-->|${label([...fields])}|`)),
  ];
  if (lines.length === 0) return undefined;
  const inside = new Set(streams.map(({ name }) => name));
  const outside = new Set([
    ...children.flatMap(({ parent }) => parent?.stream.name ?? []),
    ...relations.filter(isDrawn).flatMap(({ to }) => to.map(({ name }) => name)),
  ]);
  const round = [...outside].filter((name) => !inside.has(name)).map((name) => `${name}([${name}])`);
  return ['```mermaid', 'flowchart LR', ...[...round, ...lines].map((line) => `  ${line}`), '```'].join('\n');
}

/** The id of the parent says the same as the line to the parent. */
function isOwnership({ from, to }: Relation): boolean {
  return to.length === 1 && from.parent !== undefined && to[0] === from.parent.stream;
}

function label(fields: readonly string[]): string {
  const shown = fields.length > MOST_FIELDS ? [...fields.slice(0, MOST_FIELDS - 1), '…'] : fields;
  return shown.join('<br>');
}

/** The names of the fields by `from > to`, in their order. */
function group(relations: readonly Relation[]): ReadonlyMap<string, ReadonlySet<string>> {
  const arrows = new Map<string, Set<string>>();
  const add = (from: StreamDefinition, to: StreamDefinition, field: string) => {
    const ends = `${from.name} > ${to.name}`;
    arrows.set(ends, (arrows.get(ends) ?? new Set()).add(field));
  };
  for (const { from, field, to } of relations) for (const target of to) add(from, target, lastWord(field));
  return arrows;
}

function lastWord(path: string): string {
  return path.split('.').at(-1) ?? path;
}
