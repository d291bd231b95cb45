import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { catalog } from '../../src/streams/catalog.js';
import {
  cursorFieldOf,
  isIncremental,
  kindsOf,
  primaryKeyOf,
  type StreamDefinition,
} from '../../src/streams/definition.js';
import { readSchema, type Schema } from '../../src/streams/schemas.js';

const folder = new URL('../../schemas/', import.meta.url);
const names = catalog.map(({ name }) => name);

/** Strict, so that a keyword which does not mean what it seems to mean is an error. */
const ajv = new Ajv({ strict: true, allowUnionTypes: true, inlineRefs: false }).addVocabulary(['x-expands-to']);

/** A part of a schema, and a row that has this value there. */
interface Field {
  readonly path: string;
  readonly schema: Schema;
  readonly rowWith: (value: unknown) => unknown;
}

/** Every part of a schema below the root. */
function fieldsOf(parent: Field): readonly Field[] {
  const { schema, path, rowWith } = parent;
  const children: Field[] = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    path: `${path}.${name}`,
    schema: property,
    rowWith: (value) => rowWith({ [name]: value }),
  }));
  if (schema.items) {
    children.push({ path: `${path}[]`, schema: schema.items, rowWith: (value) => rowWith([value]) });
  }
  if (typeof schema.additionalProperties === 'object') {
    const rowWithKey = (value: unknown) => rowWith({ any_key: value });
    children.push({ path: `${path}{}`, schema: schema.additionalProperties, rowWith: rowWithKey });
  }
  return children.flatMap((child) => [child, ...fieldsOf(child)]);
}

function fieldsOfStream(name: string): readonly Field[] {
  return fieldsOf({ path: name, schema: readSchema(name), rowWith: (row) => row });
}

/** The schema of a field, by a path such as `refunds.data[].amount`. */
function fieldAt(name: string, path: string): Schema | undefined {
  return fieldsOfStream(name).find((field) => field.path === `${name}.${path}`)?.schema;
}

/** A value of none of the types. */
function wrongFor({ type = [] }: Schema): unknown {
  return [{}, 'text', 1.5].find((value) => !typesOf(value).some((name) => type.includes(name)));
}

function typesOf(value: unknown): readonly string[] {
  return typeof value === 'number' ? ['integer', 'number'] : [typeof value];
}

describe('schemas', () => {
  it('there is a schema for every stream, and for nothing else', () => {
    expect(readdirSync(folder).sort()).toEqual(names.map((name) => `${name}.json`).sort());
  });

  it('schemas take less than 150 KB each, and less than 6 MB together', () => {
    const bytes = names.map((name) => JSON.stringify(readSchema(name)).length);
    expect(Math.max(...bytes)).toBeLessThan(150_000);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(6_000_000);
  });
});

describe.each(catalog)('the schema of $name', (stream) => {
  const schema = readSchema(stream.name);
  const fields = fieldsOfStream(stream.name);
  const accepts = ajv.compile(schema);

  it('the schema is a draft-07 schema of an open object', () => {
    const { properties, ...root } = schema;
    expect(root).toEqual({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      additionalProperties: true,
    });
    expect(ajv.validateSchema(schema)).toBe(true);
  });

  it('the schema uses only what every destination understands, and allows null and further fields everywhere', () => {
    const known = new Set(['type', 'properties', 'items', 'additionalProperties', 'x-expands-to']);
    for (const { path, schema: field } of fields) {
      expect(
        Object.keys(field).filter((keyword) => !known.has(keyword)),
        path,
      ).toEqual([]);
      expect(field.type, path).toEqual([
        'null',
        expect.stringMatching(/^(string|boolean|integer|number|object|array)$/),
      ]);
      expect(field.additionalProperties, path).not.toBe(false);
      expect(Object.keys(field.properties ?? { some: {} }), path).not.toEqual([]);
    }
  });

  it('the schema has the key, the kind, the cursor and the fields that are copied from the parent', () => {
    expect(schema.properties).toMatchObject({
      ...Object.fromEntries(primaryKeyOf(stream).map((field) => [field, { type: ['null', 'string'] }])),
      object: { type: ['null', 'string'] },
      ...(isIncremental(stream)
        ? { [cursorFieldOf(stream)]: { type: ['null', stream.path.startsWith('/v2/') ? 'string' : 'integer'] } }
        : {}),
    });
    for (const [name, original] of Object.entries(stream.parent?.copy ?? {})) {
      const copied = stream.parent && fieldAt(stream.parent.stream.name, original);
      expect(copied, name).toBeDefined();
      expect(schema.properties?.[name], name).toEqual(copied);
    }
  });

  it('the schema accepts null in every field and unknown fields, but no value of another type', () => {
    expect(accepts({ not_in_the_schema: { nor: ['this'] } })).toBe(true);
    for (const { path, schema: field, rowWith } of fields) {
      expect(accepts(rowWith(null)), path).toBe(true);
      expect(accepts(rowWith(wrongFor(field))), path).toBe(false);
    }
  });
});

describe('a schema', () => {
  it.each([
    ['charges', 'amount', 'integer'],
    ['charges', 'metadata', 'object'],
    ['charges', 'metadata{}', 'string'],
    ['charges', 'payment_method_details.card.brand', 'string'],
    ['charges', 'refunds.data[].amount', 'integer'],
    ['balance_transactions', 'exchange_rate', 'number'],
    ['coupons', 'percent_off', 'number'],
    ['products', 'package_dimensions.weight', 'number'],
    ['subscriptions', 'application_fee_percent', 'number'],
    ['subscriptions', 'items.data[].quantity', 'integer'],
    ['tax_rates', 'percentage', 'number'],
    ['prices', 'unit_amount_decimal', 'string'],
    ['prices', 'tiers[].up_to', 'integer'],
    ['customers', 'sources.data[].last4', 'string'],
    ['customers', 'sources.data[].sepa_debit.mandate_url', 'string'],
  ])('the schema of %s says that %s is of type %s', (name, path, type) => {
    expect(fieldAt(name, path)?.type).toEqual(['null', type]);
  });

  it.each([
    ['charges', 'customer', ['customer']],
    ['charges', 'outcome.rule', []],
    ['customers', 'default_source', ['account', 'bank_account', 'card', 'source']],
    ['invoices', 'discounts[]', ['discount']],
  ])('the schema of %s says that %s is an id that expands to %j', (name, path, kinds) => {
    expect(fieldAt(name, path)).toEqual({ type: ['null', 'string'], 'x-expands-to': kinds });
  });

  it.each([
    ['events', 'data.object'],
    ['events', 'data.previous_attributes'],
    ['payment_intents', 'last_payment_error.payment_intent'],
    ['payment_intents', 'last_payment_error.setup_intent'],
  ])('the schema of %s leaves %s open', (name, path) => {
    expect(fieldAt(name, path)).toEqual({ type: ['null', 'object'], additionalProperties: true });
  });

  it("no schema has a mark of deletion, except that of an app's secret, which has one while it lives", () => {
    expect(names.filter((name) => readSchema(name).properties?.['deleted'])).toEqual(['apps_secrets']);
  });
});

/** Stripe's own examples of every object; not part of the repository. */
const fixtures = new URL('../../../shared/stripe/official-fixtures.json', import.meta.url);

describe.runIf(existsSync(fixtures))("Stripe's own examples", () => {
  const examples = existsSync(fixtures) ? objectsIn(JSON.parse(readFileSync(fixtures, 'utf8'))) : [];

  it.each(catalog)("Stripe's own examples of objects in $name are valid", (stream) => {
    const schema = readSchema(stream.name);
    const accepts = ajv.compile(schema);
    for (const example of examples.filter((found) => isOfKind(stream, found) && !found['deleted'])) {
      accepts(withIds(example, schema));
      expect(accepts.errors, JSON.stringify(example)).toBeNull();
    }
  });
});

function isOfKind(stream: StreamDefinition, { object }: Readonly<Record<string, unknown>>): boolean {
  return typeof object === 'string' && kindsOf(stream).includes(object);
}

function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!isObject(value)) return Array.isArray(value) ? value.flatMap(objectsIn) : [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}

/** The value as a list has it: ids where the examples have whole objects. */
function withIds(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) return value.map((item) => withIds(item, schema.items ?? {}));
  if (!isObject(value)) return value;
  if (schema['x-expands-to']) return value['id'];
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, field]) => [key, withIds(field, schema.properties?.[key] ?? {})]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
