import type { ErrorObject } from 'ajv';
import { noSuchDate } from './dates.js';
import { OPTIONS } from './spec.js';

const DATES = ['start_date', 'end_date'];

/** One sentence about the first problem that ajv found. It never quotes the value, which may be a secret. */
export function explain(error: ErrorObject | undefined): string {
  if (!error) return 'The configuration is not valid.';
  const { keyword, instancePath, params, message } = error;
  if (keyword === 'required') return 'The configuration lacks "api_key": a secret or restricted Stripe key.';
  const name = instancePath.slice(1);
  const option = `The configuration's "${name.replaceAll('/', '.')}"`;
  if (keyword === 'type') return `${option} must be of type ${params['type']}.`;
  if (keyword === 'enum') return `${option} must be one of ${params['allowedValues'].join(', ')}.`;
  if (keyword === 'minLength') return `${option} is empty: give a value, or leave the property out.`;
  if (params['limit'] !== undefined) return `${option} must be ${params['comparison'] ?? ''} ${params['limit']}.`;
  if (keyword === 'pattern' && DATES.includes(name)) return noSuchDate(name);
  if (keyword === 'pattern') return `${option} does not look like ${patternOf(name)}.`;
  return `${option} is not valid: ${message}.`;
}

function patternOf(name: string): string {
  return OPTIONS[name]?.pattern_descriptor ?? 'the values that are allowed';
}
