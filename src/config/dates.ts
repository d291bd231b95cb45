import { ConfigError } from '../protocol/errors.js';

const SECONDS_PER_DAY = 86_400;

/** A day, or a day with a time, which may have a zone (RFC 3339, and without seconds). */
const DATE = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2})(:\d{2})?(\.\d+)?([Zz]|[+-]\d{2}:\d{2})?)?$/;

/** The first and the last second that a text means, in Unix seconds; both inclusive. */
export interface Moment {
  readonly first: number;
  readonly last: number;
}

/** Reads the date that an option holds, if any. Throws a ConfigError where there is no such date. */
export function parseDate(date: string | undefined, option: string): Moment | undefined {
  if (date === undefined) return undefined;
  const moment = parseMoment(date);
  if (!moment) throw new ConfigError(noSuchDate(option));
  return moment;
}

/** What to tell the user about an option that holds no date. */
export function noSuchDate(option: string): string {
  return `The configuration's "${option}" must be a date that exists, written as 2024-01-31 or 2024-01-31T00:00:00Z.`;
}

/**
 * Reads a date with or without a time: a date alone means that whole day, and without a zone it is UTC. Undefined when
 * there is no such date. JavaScript does not know leap seconds, and takes 30 February for 1 March.
 */
function parseMoment(text: string): Moment | undefined {
  const [, day = '', time, seconds = ':00', fraction = '', zone = 'Z'] = DATE.exec(text) ?? [];
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return undefined;
  const first = midnight / 1000;
  if (time === undefined) return { first, last: first + SECONDS_PER_DAY - 1 };
  const ms = time.startsWith('24')
    ? Number.NaN
    : Date.parse(`${day}T${time}${seconds}${fraction}${zone.toUpperCase()}`);
  if (Number.isNaN(ms)) return undefined;
  return { first: Math.floor(ms / 1000), last: Math.floor(ms / 1000) };
}
