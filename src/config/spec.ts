import { readFileSync } from 'node:fs';
import { isObject } from '../protocol/catalog.js';

/** What `spec` prints: the options that a user fills in, and how a form should show them. */
export interface Spec {
  readonly connectionSpecification: {
    readonly properties: Readonly<Record<string, SpecProperty | undefined>>;
  };
}

/** An option, or a value inside one: a JSON schema with Airbyte's own keywords. */
export interface SpecProperty {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SpecProperty | undefined>>;
  readonly items?: SpecProperty;
  readonly pattern_descriptor?: string;
  readonly airbyte_secret?: boolean;
}

/** The specification, read and parsed once per process: when the first command that needs it is loaded. */
export const SPEC: Spec = JSON.parse(readFileSync(new URL('./spec.json', import.meta.url), 'utf8'));

/** The options by name. */
export const OPTIONS = SPEC.connectionSpecification.properties;

/** Every value of a configuration that must never be shown, whether or not the rest of the configuration is valid. */
export function secretsIn(config: unknown): readonly string[] {
  if (!isObject(config)) return [];
  return Object.entries(config).flatMap(([name, value]) =>
    OPTIONS[name]?.airbyte_secret && typeof value === 'string' && value.trim() !== '' ? [value.trim()] : [],
  );
}
