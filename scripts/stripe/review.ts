import type { Type } from 'ts-morph';
import { kindsOf, type Parent, primaryKeyOf, type StreamDefinition } from '../../src/streams/definition.js';
import { eventTypesOf } from '../../src/streams/events.js';
import type { ListEndpoint } from './lists.js';
import { objectOf, propertyType } from './resources.js';

/** What the pinned `stripe` package knows. */
export interface Package {
  readonly lists: ReadonlyMap<string, ListEndpoint>;
  readonly resources: ReadonlyMap<string, Type>;
}

/** Where a literal and the package disagree, in sentences without a subject; empty when all is as it should be. */
export function disagreements(stream: StreamDefinition, known: Package): readonly string[] {
  const list = known.lists.get(stream.path);
  if (!list) return [`reads ${stream.path}, which is not a list of the package`];
  const rest = stream.parent ? parentDisagreements(stream, stream.parent, known) : growthDisagreements(stream, list);
  return [...listDisagreements(stream, list), ...fieldDisagreements(stream, list, known), ...rest];
}

function listDisagreements(stream: StreamDefinition, list: ListEndpoint): readonly string[] {
  const given = [...Object.keys(stream.params ?? {}), ...Object.keys(stream.parent?.query ?? {})].map(
    (name) => name.split('[')[0] ?? name,
  );
  return [
    ...kindsOf(stream)
      .filter((kind) => !list.kinds.includes(kind))
      .map((kind) => `has objects of kind ${kind}, but the list has ${list.kinds}`),
    ...given.filter((name) => !(name in list.parameters)).map((name) => `sends ${name}, which the list does not take`),
    ...list.required.filter((name) => !given.includes(name)).map((name) => `does not send ${name}, which is required`),
    ...when(
      stream.paginates !== false && !('limit' in list.parameters),
      'asks for pages, which the list does not have',
    ),
    ...when(!stream.newestFirst && isNewestFirst(list), 'does not say that the list is newest first, as documented'),
    ...when(stream.newestFirst === true && !isNewestFirst(list), 'says that the list is newest first, undocumented'),
  ];
}

/** What Stripe says of a list that is in order: of the list itself, or of a parameter that can change the order. */
export function isNewestFirst({ about, parameters }: ListEndpoint): boolean {
  return (
    /most recent[\w ]* appearing first|at the top/i.test(about) ||
    /reverse chronological order by `created`/i.test(parameters['order_by'] ?? '')
  );
}

function fieldDisagreements(stream: StreamDefinition, list: ListEndpoint, known: Package): readonly string[] {
  const fields = [...list.fields, ...Object.keys(stream.parent?.copy ?? {})];
  const type = typeOf(stream, known);
  return [
    ...primaryKeyOf(stream)
      .filter((field) => !fields.includes(field))
      .map((field) => `has ${field} in its primary key, but not in its rows`),
    ...(stream.expand ?? [])
      .filter((path) => !type || !isListOf(type, path, []))
      .map((path) => `expands ${path}, which is not an embedded list`),
    ...(stream.events ?? [])
      .filter((pattern) => eventTypesOf({ ...stream, events: [pattern] }).length === 0)
      .map((pattern) => `waits for events ${pattern}, of which none carries its kinds`),
  ];
}

/** Whether the list can be cut by a time that its rows have. */
function growthDisagreements(stream: StreamDefinition, list: ListEndpoint): readonly string[] {
  const cursor = stream.cursorField ?? 'created';
  const isRange = 'created' in list.parameters && !('created_gte' in list.parameters);
  const canBeCut = isRange && list.fields.includes(cursor);
  const isCut = stream.createdFilter !== false;
  return [
    ...when(isCut && !canBeCut, `cannot be cut by ${cursor}: the filter or the field is missing`),
    ...when(!isCut && canBeCut, `can be cut by ${cursor}, but is read whole`),
  ];
}

function parentDisagreements(stream: StreamDefinition, parent: Parent, known: Package): readonly string[] {
  const type = typeOf(parent.stream, known);
  if (!type) return [`hangs on ${parent.stream.name}, which has no kind that the package knows`];
  const taken = [...Object.values(parent.query ?? {}), ...Object.values(parent.copy ?? {})];
  const fields = [...taken, ...(parent.only ? [parent.only.field] : [])];
  return [
    ...fields
      .filter((path) => !at(type, path))
      .map((path) => `needs ${path} of ${parent.stream.name}, which has no such field`),
    ...when(!stream.path.includes('{id}') && !parent.query, 'does not say whose list it reads'),
    ...when(
      parent.embeddedIn !== undefined && !isListOf(type, parent.embeddedIn, kindsOf(stream)),
      `is not what ${parent.stream.name} embeds in ${parent.embeddedIn}`,
    ),
  ];
}

/** The type of the objects of a stream that has one kind. */
function typeOf({ object }: StreamDefinition, { resources }: Package): Type | undefined {
  return typeof object === 'string' ? resources.get(object) : undefined;
}

/** Whether an object of this type embeds, at a path with dots, a list with objects of these kinds. */
function isListOf(type: Type, path: string, kinds: readonly string[]): boolean {
  const list = at(type, path);
  if (list?.getSymbol()?.getName() !== 'ApiList') return false;
  const items = list.getTypeArguments().flatMap((item) => (item.isUnion() ? item.getUnionTypes() : [item]));
  const found = items.map(objectOf);
  return kinds.every((kind) => found.includes(kind));
}

function at(type: Type, path: string): Type | undefined {
  return path
    .split('.')
    .reduce<Type | undefined>((around, name) => around && propertyType(around, name)?.getNonNullableType(), type);
}

function when(condition: boolean, sentence: string): readonly string[] {
  return condition ? [sentence] : [];
}
