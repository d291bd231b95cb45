/** The part of JSON schema (draft-07) that every destination understands. */
export interface Schema {
  /** `null` and, but for values of several types, one more. */
  readonly type: readonly JsonType[];
  readonly properties?: Properties;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | true;
  /**
   * On the id of another object: what the id can be expanded to, as `object` values. Empty where the expanded object has
   * no `object`. This is not a keyword of JSON schema: `discover` interprets and removes it.
   */
  readonly 'x-expands-to'?: readonly string[];
}

export type Properties = Readonly<Record<string, Schema>>;

export type JsonType = 'null' | 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array';

/** Any object: one of an unknown kind, or one that contains itself. */
export const OPEN_OBJECT: Schema = { type: ['null', 'object'], additionalProperties: true };

/** A nullable value of one type: Stripe leaves out or nulls nearly every field under some condition. */
export function nullable(type: JsonType): Schema {
  return { type: ['null', type] };
}

/**
 * One schema for values of several: an object has the properties of all of them, and a value may be of the type of any.
 * Most destinations cannot store real unions (`anyOf`).
 */
export function merge(schemas: readonly Schema[]): Schema {
  return schemas.reduce(mergeTwo);
}

function mergeTwo(one: Schema, other: Schema): Schema {
  const properties = either(one.properties, other.properties, mergeProperties);
  const items = either(one.items, other.items, mergeTwo);
  const additionalProperties = either(one.additionalProperties, other.additionalProperties, mergeAdditional);
  const expandsTo = either(one['x-expands-to'], other['x-expands-to'], (a, b) => [...new Set([...a, ...b])].sort());
  return {
    type: mergeTypes(one.type, other.type),
    ...(properties && { properties }),
    ...(items && { items }),
    ...(additionalProperties && { additionalProperties }),
    ...(expandsTo && { 'x-expands-to': expandsTo }),
  };
}

function either<T>(one: T | undefined, other: T | undefined, both: (one: T, other: T) => T): T | undefined {
  return one === undefined || other === undefined ? (one ?? other) : both(one, other);
}

/** The properties of objects of two kinds, as if one object could have all of them. */
export function mergeProperties(one: Properties, other: Properties): Properties {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const schema = either(one[name], other[name], mergeTwo);
      return schema ? [[name, schema]] : [];
    }),
  );
}

function mergeAdditional(one: Schema | true, other: Schema | true): Schema | true {
  return one === true || other === true ? true : mergeTwo(one, other);
}

function mergeTypes(one: readonly JsonType[], other: readonly JsonType[]): readonly JsonType[] {
  const types = new Set([...one, ...other]);
  if (types.has('number')) types.delete('integer');
  return [...types];
}
