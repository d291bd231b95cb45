import { readFile } from 'node:fs/promises';
import { compile, type JSONSchema } from 'json-schema-to-typescript';

/** TypeScript types of the data that we read ourselves, from their JSON schemas: path to text of the file. */
export async function generateTypes(): Promise<ReadonlyMap<string, string>> {
  const spec = (await parse('src/config/spec.json')) as { readonly connectionSpecification: JSONSchema };
  const api = (await parse('src/stripe/api.json')) as JSONSchema;
  return new Map([
    ['src/config/config.generated.ts', await declare(checked(spec.connectionSpecification), 'Config')],
    ['src/stripe/api.generated.ts', await declare(api, 'StripeApi')],
  ]);
}

async function parse(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** The schema of a checked configuration, in which defaults are filled in and unknown properties are of no interest. */
function checked(schema: JSONSchema): JSONSchema {
  const withDefault = Object.entries(schema.properties ?? {}).filter(([, option]) => option.default !== undefined);
  const required = [schema.required, withDefault.map(([name]) => name)]
    .flat()
    .filter((name) => typeof name === 'string');
  return { ...schema, required, additionalProperties: false };
}

/** The library prefers a schema's own title to the name. */
function declare(schema: JSONSchema, name: string): Promise<string> {
  return compile({ ...schema, title: name }, name, { bannerComment: '' });
}
