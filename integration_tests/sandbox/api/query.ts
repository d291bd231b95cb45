import type { Seconds } from '../data/timeline.js';
import { badParameter, unknownParameters } from './errors.js';

/** A query string: names without their index, each with all of its values in the order they were sent. */
export type Query = ReadonlyMap<string, readonly string[]>;

/** Both `expand[]=a` and `expand[0]=a` give `expand`; `created[gte]` keeps its name. */
export function parseQuery(search: string): Query {
  const query = new Map<string, string[]>();
  for (const [rawName, value] of new URLSearchParams(search)) {
    const name = rawName.replace(/\[\d*\]$/, '');
    const values = query.get(name);
    if (values) values.push(value);
    else query.set(name, [value]);
  }
  return query;
}

export const PAGED = ['limit', 'starting_after', 'ending_before', 'expand'];
export const UNPAGED = ['expand'];
/** The `created` filter. */
export const RANGE = ['created', 'created[gt]', 'created[gte]', 'created[lt]', 'created[lte]'];

/** Refuses what a list does not know. */
export function checkNames(query: Query, paging: readonly string[], filters: readonly string[]): void {
  const known = new Set([...paging, ...filters]);
  const unknown = [...query.keys()].filter((name) => !known.has(name));
  if (unknown.length > 0) throw unknownParameters(unknown);
}

/** The requested paging. */
export interface Paging {
  readonly limit: number;
  readonly startingAfter: string | undefined;
  readonly endingBefore: string | undefined;
}

/** How a list is read that takes no paging parameters. */
export const EVERYTHING: Paging = {
  limit: Number.POSITIVE_INFINITY,
  startingAfter: undefined,
  endingBefore: undefined,
};

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = { v1: 100, v2: 20 };

export function pagingOf(query: Query): Paging {
  const startingAfter = textOf(query, 'starting_after');
  const endingBefore = textOf(query, 'ending_before');
  if (startingAfter !== undefined && endingBefore !== undefined) {
    throw badParameter('ending_before', 'You may only specify one of these parameters: starting_after, ending_before.');
  }
  return { limit: limitOf(query, MAX_LIMIT.v1), startingAfter, endingBefore };
}

/** Pages of API v2: how many items, and the token of the page. */
export function pageV2Of(query: Query): { readonly limit: number; readonly token: string | undefined } {
  return { limit: limitOf(query, MAX_LIMIT.v2), token: textOf(query, 'page') };
}

function limitOf(query: Query, most: number): number {
  const limit = integerOf(query, 'limit') ?? DEFAULT_LIMIT;
  if (limit < 1) {
    throw badParameter('limit', 'This value must be greater than or equal to 1.', 'parameter_invalid_integer');
  }
  if (limit > most) {
    const message = `This value must be less than or equal to ${most} (it currently is '${limit}').`;
    throw badParameter('limit', message, 'parameter_invalid_integer');
  }
  return limit;
}

/** The `created` filter, as inclusive bounds. */
export function createdOf(query: Query): { readonly gte?: Seconds; readonly lte?: Seconds } {
  const exact = integerOf(query, 'created');
  const lower = [exact, integerOf(query, 'created[gte]'), next(integerOf(query, 'created[gt]'), 1)];
  const upper = [exact, integerOf(query, 'created[lte]'), next(integerOf(query, 'created[lt]'), -1)];
  const gte = Math.max(...lower.map((bound) => bound ?? Number.NEGATIVE_INFINITY));
  const lte = Math.min(...upper.map((bound) => bound ?? Number.POSITIVE_INFINITY));
  return { ...(Number.isFinite(gte) ? { gte } : {}), ...(Number.isFinite(lte) ? { lte } : {}) };
}

function next(bound: Seconds | undefined, step: 1 | -1): Seconds | undefined {
  return bound === undefined ? undefined : bound + step;
}

export function textOf(query: Query, name: string): string | undefined {
  const value = query.get(name)?.at(-1);
  if (value === '') {
    const message = `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset.`;
    throw badParameter(name, message, 'parameter_invalid_empty');
  }
  return value;
}

function integerOf(query: Query, name: string): number | undefined {
  const value = textOf(query, name);
  if (value === undefined) return undefined;
  if (!/^-?\d+$/.test(value)) throw badParameter(name, `Invalid integer: ${value}`, 'parameter_invalid_integer');
  return Number(value);
}
