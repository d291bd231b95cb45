import { readFileSync } from 'node:fs';

/** What `spec` prints: the properties that a user fills in, and how a form should show them. */
export interface Spec {
  readonly connectionSpecification: {
    readonly properties: Readonly<Record<string, SpecProperty | undefined>>;
  };
}

export interface SpecProperty {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SpecProperty | undefined>>;
  readonly items?: SpecProperty;
  readonly default?: unknown;
  readonly pattern_descriptor?: string;
  readonly airbyte_secret?: boolean;
}

export function readSpec(): Spec {
  return JSON.parse(readFileSync(new URL('./spec.json', import.meta.url), 'utf8'));
}

/** Every value of the configuration that must never be shown, whether or not the rest of it is valid. */
export function secretsIn(config: unknown): readonly string[] {
  if (typeof config !== 'object' || config === null) return [];
  const { properties } = readSpec().connectionSpecification;
  return Object.entries(config).flatMap(([name, value]) =>
    properties[name]?.airbyte_secret && typeof value === 'string' && value.trim() !== '' ? [value.trim()] : [],
  );
}
