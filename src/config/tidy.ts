import { isObject } from '../protocol/catalog.js';
import type { SpecProperty } from './spec.js';

/**
 * A value as it was meant: forms send what was left empty as null, as an empty text or as an empty list, people paste
 * texts with spaces around them, and templates write numbers as texts. Null and empty texts are absent, at any depth;
 * undefined when nothing is left. A text becomes a number or a boolean only where the schema wants one.
 */
export function tidy(value: unknown, schema: SpecProperty | undefined): unknown {
  if (value === null) return undefined;
  if (typeof value === 'string') return tidyText(value.trim(), schema);
  if (Array.isArray(value)) return tidyList(value, schema);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => {
      const tidied = tidy(field, schema?.properties?.[name]);
      return tidied === undefined ? [] : [[name, tidied]];
    }),
  );
}

function tidyList(values: readonly unknown[], schema: SpecProperty | undefined): unknown {
  const tidied = values.map((value) => tidy(value, schema?.items)).filter((value) => value !== undefined);
  // Languages with a single kind of collection, such as PHP, write an empty object as a list.
  return tidied.length === 0 && schema?.type === 'object' ? {} : tidied;
}

function tidyText(text: string, schema: SpecProperty | undefined): unknown {
  if (text === '') return undefined;
  const isForNumber = schema?.type === 'integer' || schema?.type === 'number';
  if (isForNumber && /^[+-]?\d{1,15}(\.\d+)?$/.test(text)) return Number(text);
  if (schema?.type === 'boolean' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text;
}
