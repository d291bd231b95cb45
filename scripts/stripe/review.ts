import type { Type } from 'ts-morph';
import {
  type Condition,
  cursorFieldOf,
  kindsOf,
  type Parent,
  primaryKeyOf,
  retrievePathOf,
  type StreamDefinition,
} from '../../src/streams/definition.js';
import { type EmbeddedList, whyNoEndpoint } from '../../src/streams/embedded-lists.js';
import { eventTypesOf } from '../../src/streams/events.js';
import { type EmbeddedListType, isList, itemKindsOf } from './embedded.js';
import type { ListEndpoint } from './lists.js';
import { propertyType } from './resources.js';

/** What the pinned `stripe` package knows. */
export interface Package {
  readonly lists: ReadonlyMap<string, ListEndpoint>;
  readonly resources: ReadonlyMap<string, Type>;
  /** Paths that give one object by its id, with the kinds they give. */
  readonly retrieves: ReadonlyMap<string, readonly string[]>;
  readonly embedded: readonly EmbeddedListType[];
  /** Fields that objects may lack, by kind. */
  readonly optional: ReadonlyMap<string, readonly string[]>;
}

/** Where a literal and the package disagree, in sentences without a subject; empty when all is as it should be. */
export function disagreements(stream: StreamDefinition, known: Package): readonly string[] {
  const list = known.lists.get(stream.path);
  if (!list) return [`reads ${stream.path}, which is not a list of the package`];
  const rest = stream.parent ? parentDisagreements(stream, stream.parent, known) : growthDisagreements(stream, list);
  return [
    ...listDisagreements(stream, list),
    ...fieldDisagreements(stream, list, known),
    ...retrieveDisagreements(stream, known),
    ...rest,
  ];
}

/** Where the table of embedded lists and the package disagree, in sentences. */
export function embeddedDisagreements(table: ReadonlyMap<string, EmbeddedList>, known: Package): readonly string[] {
  const forgotten = known.embedded
    .filter(({ kind, field }) => !table.has(`${kind} ${field}`) && whyNoEndpoint(kind, field) === undefined)
    .map(({ kind, field }) => `${kind} ${field}: no endpoint is known`);
  return [...forgotten, ...[...table].flatMap(([name, list]) => endpointDisagreements(name, list, known))];
}

function endpointDisagreements(name: string, { path, query = {}, params = {} }: EmbeddedList, known: Package) {
  const [kind = '', field = ''] = name.split(' ');
  const [list, holder] = [known.lists.get(path), known.resources.get(kind)];
  if (!list || !holder) return [`${name}: the package does not have both ${kind} and the list ${path}`];
  const items = known.embedded.find((each) => each.kind === kind && each.field === field)?.items ?? [];
  const sent = [...Object.keys(query), ...Object.keys(params)];
  return [
    ...items.filter((item) => !list.kinds.includes(item)).map((item) => `${name}: ${path} does not list any ${item}`),
    ...sent.filter((each) => !(each in list.parameters)).map((each) => `${name}: ${path} does not take ${each}`),
    ...list.required.filter((each) => !sent.includes(each)).map((each) => `${name}: ${path} requires ${each}`),
    ...[...Object.values(query), ...namesIn(path)]
      .filter((each) => !at(holder, each))
      .map((each) => `${name}: ${kind} has no ${each}`),
  ];
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
    ...orderDisagreements(stream, list),
  ];
}

/** Stripe orders by `created`: a list with another cursor field is in no order that a reader could rely on. */
function orderDisagreements(stream: StreamDefinition, list: ListEndpoint): readonly string[] {
  const isOrdered = isNewestFirst(list) && cursorFieldOf(stream) === 'created';
  return [
    ...when(!stream.newestFirst && isOrdered, 'does not say that the list is newest first, as documented'),
    ...when(stream.newestFirst === true && !isOrdered, 'says that the list is newest first, undocumented'),
  ];
}

/** What Stripe says about an ordered list: about the list itself, or about a parameter that can change the order. */
export function isNewestFirst({ about, parameters }: ListEndpoint): boolean {
  return (
    /most recent[\w ]* appearing first|at the top/i.test(about) ||
    /reverse chronological order by `created`/i.test(parameters['order_by'] ?? '')
  );
}

function fieldDisagreements(stream: StreamDefinition, list: ListEndpoint, known: Package): readonly string[] {
  const fields = [...list.fields, ...Object.keys(stream.parent?.copy ?? {})];
  return [
    ...primaryKeyOf(stream)
      .filter((field) => !fields.includes(field))
      .map((field) => `has ${field} in its primary key, but not in its rows`),
    ...(stream.expand ?? [])
      .filter((path) => !isOptionalOf(known, stream, path))
      .map((path) => `expands ${path}, which is no field that objects may lack`),
    ...(stream.events ?? [])
      .filter((pattern) => eventTypesOf({ ...stream, events: [pattern] }).length === 0)
      .map((pattern) => `waits for events ${pattern}, of which none carries its kinds`),
  ];
}

/** Whether a row is read again as the package does it. */
function retrieveDisagreements(stream: StreamDefinition, { retrieves, resources }: Package): readonly string[] {
  const path = retrievePathOf(stream);
  if (path === undefined) {
    const possible = `${stream.path}/{id}`;
    return when(retrieves.has(possible), `does not say how a row is read again: ${possible}`);
  }
  const given = retrieves.get(path.replace(/\{\w+\}/g, '{id}'));
  if (!given) return [`reads a row again at ${path}, which the package does not have`];
  const copied = Object.keys(stream.parent?.copy ?? {});
  return kindsOf(stream).flatMap((kind) => [
    ...when(!given.includes(kind), `reads a row again at ${path}, which does not give objects of kind ${kind}`),
    ...namesIn(path)
      .filter((field) => !copied.includes(field) && !resources.get(kind)?.getProperty(field))
      .map((field) => `needs ${field} to read a row again, which its rows do not have`),
  ]);
}

/** The fields that a path has in braces. */
function namesIn(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
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
  const fields = [...taken, ...fieldsOf(parent.only)];
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

function fieldsOf(condition: Condition | undefined): readonly string[] {
  return condition ? [condition.field, ...fieldsOf(condition.unknown)] : [];
}

/** The type of the objects of a stream that has one kind. */
function typeOf({ object }: StreamDefinition, { resources }: Package): Type | undefined {
  return typeof object === 'string' ? resources.get(object) : undefined;
}

/** Whether objects of the stream may lack a field that holds more than one value. */
function isOptionalOf({ optional }: Package, stream: StreamDefinition, path: string): boolean {
  return kindsOf(stream).every((kind) => optional.get(kind)?.includes(path));
}

/** Whether an object of this type embeds, at a path with dots, a list with objects of these kinds. */
function isListOf(type: Type, path: string, kinds: readonly string[]): boolean {
  const list = at(type, path);
  if (!list || !isList(list)) return false;
  const found = itemKindsOf(list);
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
