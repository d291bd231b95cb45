import { isObject } from '../protocol/catalog.js';
import { ConfigError } from '../protocol/errors.js';

/** For each stream, the fields to expand: each field once, without a leading `data.`. Streams without a field are left out. */
export type ExpandedFields = Readonly<Record<string, readonly string[]>>;

/** Reads the option `expand`. Throws a ConfigError that shows what was probably meant. */
export function parseExpand(expand: unknown): ExpandedFields {
  if (expand === undefined) return {};
  if (!isObject(expand)) {
    throw new ConfigError('The configuration\'s "expand" must be an object such as {"charges": ["customer"]}.');
  }
  const parsed = Object.entries(expand).map(([stream, fields]) => [stream, parseFields(stream, fields)] as const);
  return Object.fromEntries(parsed.filter(([, fields]) => fields.length > 0));
}

const FIELD = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/i;

function parseFields(stream: string, given: unknown): readonly string[] {
  const fields = Array.isArray(given) && given.every((field) => typeof field === 'string') ? given : undefined;
  if (!fields?.every((field) => FIELD.test(field))) throw new ConfigError(noFields(stream, given));
  return [...new Set(fields.map((field) => field.replace(/^data\./, '')))];
}

/** Shows what was probably meant by a text that holds one field, or several. */
function noFields(stream: string, given: unknown): string {
  const texts = [given].flat().filter((text) => typeof text === 'string');
  const names = texts.flatMap((text) => text.split(/[\s,;]+/)).filter((name) => /^[a-z_]+(\.[a-z_]+)*$/.test(name));
  const example = names.length > 0 ? names : ['customer'];
  return `The configuration's "expand.${stream}" must be a list of field names, such as ${JSON.stringify(example)}.`;
}
