import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { SPEC } from '../../src/config/spec.js';

it('spec.json is a valid JSON schema, which the connector itself takes for granted', () => {
  const ajv = new Ajv({ strict: false });
  expect([ajv.validateSchema(SPEC.connectionSpecification), ajv.errors]).toEqual([true, null]);
});

it('a JSON schema with a mistake is not taken for a valid one', () => {
  const { properties } = SPEC.connectionSpecification;
  const broken = { ...SPEC.connectionSpecification, properties: { ...properties, max_retries: { type: 'int' } } };
  expect(new Ajv({ strict: false }).validateSchema(broken)).toBe(false);
});
