import type { Schema } from '../../../src/streams/schemas.js';
import { metadataOf } from '../kinds/words.js';
import type { Row } from './model.js';
import { hashOf, letters, mix } from './random.js';
import { type Template, template } from './template.js';

/** What an object needs besides its schema. */
export interface Subject {
  readonly row: Row;
  /** Values of fields of the top level that tie the object to another one: `customer`, `credit_grant`. */
  readonly links: Readonly<Record<string, unknown>>;
}

/** A value, or a function of the subject. */
export type Value = unknown | ((subject: Subject) => unknown);

export interface Plan {
  readonly schema: Schema;
  /**
   * Values by their path with dots; `LEFT_OUT` for a field that is missing. The objects on the way to them are never
   * null.
   */
  readonly fixed: ReadonlyMap<string, Value>;
  /** The id of a random object of one of these kinds; null if there is none. */
  readonly idOf: (row: Row, kinds: readonly string[], salt: number) => string | null;
}

export const LEFT_OUT = Symbol('left out');

/** How many variants a plan has: with other nulls, other alternatives, other lists. */
const VARIANTS = 4;
/** One object in so many has every field of the schema. */
const WHOLE_EVERY = 17;
const DEEPEST = 7;

/** Writes objects that the schema allows and that look like Stripe's. Each variant is compiled when it is needed. */
export function plausible(plan: Plan): Template<Subject> {
  const compiled = new Map<number, Template<Subject>>();
  return (subject, indent) => {
    const { index } = subject.row;
    const variant = index % WHOLE_EVERY === 0 ? 0 : 1 + (index % VARIANTS);
    let write = compiled.get(variant);
    if (!write) {
      write = template<unknown, Subject>(new Builder(plan, variant).object(plan.schema, '', 0));
      compiled.set(variant, write);
    }
    return write(subject, indent);
  };
}

/** Turns a schema into the shape of one variant. Variant 0 is the whole one. */
class Builder {
  readonly #plan: Plan;
  readonly #variant: number;

  constructor(plan: Plan, variant: number) {
    this.#plan = plan;
    this.#variant = variant;
  }

  object(schema: Schema, path: string, depth: number): Record<string, unknown> {
    const entries = Object.entries(schema.properties ?? {});
    const chosen = this.#alternative(schema, path);
    const shape: Record<string, unknown> = {};
    for (const [name, field] of entries) {
      const at = path === '' ? name : `${path}.${name}`;
      if (chosen !== undefined && name !== chosen && isObject(field) && !this.#leadsToFixed(at)) continue;
      const value = name === 'type' && chosen !== undefined ? chosen : this.#field(field, { name, path: at, depth });
      if (value !== LEFT_OUT) shape[name] = value;
    }
    return shape;
  }

  /** In Stripe's API, an object with a `type` and several objects beside it has only the one that `type` names. */
  #alternative({ properties = {} }: Schema, path: string): string | undefined {
    if (path === '' || !properties['type'] || this.#plan.fixed.has(`${path}.type`)) return undefined;
    const names = Object.keys(properties).filter((name) => isObject(properties[name]));
    return names.length < 3 ? undefined : names[this.#roll(`${path}?`) % names.length];
  }

  #field(schema: Schema, place: Place): unknown {
    const { name, path, depth } = place;
    const { fixed } = this.#plan;
    if (fixed.has(path)) return fixed.get(path);
    // Only what was deleted says so.
    if (name === 'deleted' && depth === 0) return LEFT_OUT;
    if (isListSchema(schema)) return { object: 'list', data: [], has_more: false, url: `/v1/${name}` };
    if (this.#isNull(schema, place)) return null;
    return this.#value(schema, place);
  }

  #value(schema: Schema, place: Place): unknown {
    const { path, depth } = place;
    const kinds = schema['x-expands-to'];
    const salt = hashOf(path);
    if (kinds) return ({ row }: Subject) => this.#plan.idOf(row, kinds, salt);
    switch (typeOf(schema)) {
      case 'object':
        return this.#map(schema, place) ?? this.object(schema, path, depth + 1);
      case 'array':
        return this.#array(schema, place);
      default:
        if (place.name === 'object') return nounOf(path);
        return scalar(typeOf(schema), place, salt);
    }
  }

  /** An object whose names are not Stripe's: metadata, amounts by currency. */
  #map({ properties, additionalProperties }: Schema, place: Place): unknown {
    if (properties !== undefined) return undefined;
    if (typeof additionalProperties !== 'object') return {};
    if (place.name === 'metadata') return ({ row }: Subject) => metadataOf(row, hashOf(place.path));
    const value = (name: string) =>
      this.#field(additionalProperties, { name, path: `${place.path}.${name}`, depth: place.depth + 1 });
    return { usd: value('usd'), eur: value('eur') };
  }

  #array({ items }: Schema, place: Place): readonly unknown[] {
    if (!items || place.depth > DEEPEST) return [];
    const length = this.#variant === 0 ? 2 : this.#roll(`${place.path}[]`) % 3;
    const { name, depth } = place;
    return Array.from({ length }, (_, n) =>
      this.#value(items, { name: singular(name), path: `${place.path}.${n}`, depth: depth + 1 }),
    );
  }

  /** Deeper fields are null more often. */
  #isNull(schema: Schema, { name, path, depth }: Place): boolean {
    if (this.#leadsToFixed(path) || NEVER_NULL.has(name)) return false;
    const type = typeOf(schema);
    if (depth > DEEPEST) return type === 'object';
    if (this.#variant === 0 || type === 'array' || name === 'metadata' || type === 'boolean') return false;
    const share = type === 'object' ? 20 + 25 * depth : 20;
    return this.#roll(path) % 100 < share;
  }

  #leadsToFixed(path: string): boolean {
    for (const known of this.#plan.fixed.keys()) if (known.startsWith(`${path}.`)) return true;
    return false;
  }

  #roll(path: string): number {
    return mix(hashOf(path), this.#variant);
  }
}

interface Place {
  readonly name: string;
  readonly path: string;
  readonly depth: number;
}

const NEVER_NULL = new Set(['id', 'object', 'created', 'livemode', 'currency', 'amount', 'status', 'type']);

/** Whether the schema is that of a Stripe list. */
export function isListSchema({ properties }: Schema): boolean {
  return properties?.['data'] !== undefined && properties['has_more'] !== undefined;
}

function isObject(schema: Schema | undefined): boolean {
  return schema !== undefined && typeOf(schema) === 'object' && schema.properties !== undefined;
}

function typeOf({ type }: Schema): string | undefined {
  return typeof type === 'object' ? type.find((each) => each !== 'null') : type;
}

/** What an object is that is embedded in another one, as far as the name of the field tells. */
function nounOf(path: string): string {
  const names = path.split('.').filter((name) => !/^\d+$/.test(name));
  return singular(names.at(-2) ?? '');
}

function singular(name: string): string {
  return name.replace(/ies$/, 'y').replace(/s$/, '');
}

const DAY = 86_400;

function scalar(type: string | undefined, { name }: Place, salt: number): unknown {
  switch (type) {
    case 'integer':
      return integer(name, salt);
    case 'number':
      return ({ row }: Subject) => row.between(salt, 1, 100_000) / 1000;
    case 'boolean':
      return name === 'livemode' ? false : ({ row }: Subject) => row.chance(salt, 0.5);
    default:
      return text(name, salt);
  }
}

function integer(name: string, salt: number): (subject: Subject) => number {
  if (isTime(name)) return ({ row }) => row.created + row.between(salt, 0, 30) * DAY;
  if (/year$/.test(name)) return ({ row }) => row.between(salt, 2027, 2033);
  if (/month$/.test(name)) return ({ row }) => row.between(salt, 1, 12);
  if (/day$/.test(name)) return ({ row }) => row.between(salt, 1, 28);
  if (/count|quantity|number|version|position/.test(name)) return ({ row }) => row.between(salt, 1, 9);
  return ({ row }) => row.between(salt, 0, 99_999);
}

/** Names of points in time: `canceled_at`, `due_by`, `period_end`, `available_on`, `arrival_date`. */
function isTime(name: string): boolean {
  return /^(created|updated|date|expires|start|end)$|_(at|by|on|date|start|end|until|after|before|deadline)$/.test(
    name,
  );
}

/** A point in time as API v2 writes it: with fractions of a second. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000 + ISO_FRACTION_MS).toISOString();
}

/** What all times of API v2 have after the second. */
export const ISO_FRACTION_MS = 640;

const WORDS = ['standard', 'Zürich – Ost', 'line one\nline two', '“quoted” \\ text', 'コーヒー豆', 'gift 🎁'] as const;
const CODES = ['active', 'pending', 'inactive'] as const;

function text(name: string, salt: number): (subject: Subject) => string {
  if (/currency$/.test(name)) return ({ row }) => row.pick(salt, ['usd', 'eur', 'jpy']);
  if (/country$/.test(name)) return ({ row }) => row.pick(salt, ['US', 'DE', 'JP']);
  if (name === 'status') return ({ row }) => row.pick(salt, CODES);
  if (name === 'id') return ({ row }) => `id_1${letters(row.hash(salt), 14)}`;
  if (/email$/.test(name)) return ({ row }) => `jenny.rosen+${row.hash(salt) % 1000}@example.com`;
  if (/url$/.test(name)) return ({ row }) => `https://shop.example.com/${row.hash(salt) % 1000}?a=1&b=%20`;
  if (/_decimal$|percentage$|^rate$/.test(name)) return ({ row }) => String(row.between(salt, 1, 999_999) / 100);
  if (/^(created|updated)$|_at$/.test(name)) return ({ row }) => isoTime(row.created + row.between(salt, 0, 9) * DAY);
  if (/date$/.test(name)) return ({ row }) => isoTime(row.created).slice(0, 10);
  if (/(^|_)ip(_address)?$/.test(name)) return ({ row }) => `203.0.113.${row.hash(salt) % 256}`;
  if (/last4$/.test(name)) return ({ row }) => String(row.between(salt, 1000, 9999));
  if (/name$|description|message|reason|text|value/.test(name)) return ({ row }) => row.pick(salt, WORDS);
  return ({ row }) => `${name}_${row.hash(salt) % 100}`;
}
