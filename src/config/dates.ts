const SECONDS_PER_DAY = 86_400;

/** A day, or a day with a time, which may have a zone (RFC 3339, and without seconds). */
const DATE = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2})(:\d{2})?(\.\d+)?([Zz]|[+-]\d{2}:\d{2})?)?$/;

/** The first and the last second that a text means, in Unix seconds; both inclusive. */
export interface Moment {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads a date with or without a time: a date alone means that whole day, and without a zone it is UTC. Undefined when
 * there is no such date. JavaScript knows nothing of leap seconds, and takes 30 February for 1 March.
 */
export function parseMoment(text: string): Moment | undefined {
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
