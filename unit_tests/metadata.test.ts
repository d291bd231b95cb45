import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Metadata {
  readonly metadataSpecVersion: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const metadata = parse(text('metadata.yaml')) as Metadata;
const { data } = metadata;
const manifest = JSON.parse(text('package.json')) as Readonly<Record<string, unknown>>;
const spec = JSON.parse(text('src/config/spec.json')) as Readonly<Record<string, unknown>>;
const dockerfile = text('Dockerfile');

function text(file: string): string {
  return readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
}

/** The value of a `KEY="value"` of an ENV or LABEL instruction. */
function quoted(key: string): string | undefined {
  const [, value] = new RegExp(`\\b${key.replaceAll('.', '\\.')}="([^"]*)"`).exec(dockerfile) ?? [];
  return value;
}

describe('metadata.yaml', () => {
  it('has every key that the registry requires, and the values that it knows', () => {
    expect(Object.keys(metadata)).toEqual(['metadataSpecVersion', 'data']);
    expect(metadata.metadataSpecVersion).toBe('1.0');
    expect(data).toMatchObject({
      name: 'Stripe',
      connectorType: 'source',
      connectorSubtype: 'api',
      dockerRepository: expect.stringMatching(/^([a-z0-9.-]+\/)*source-stripe$/),
      dockerImageTag: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      license: 'MIT',
      githubIssueLabel: 'source-stripe',
      releaseStage: expect.stringMatching(/^(alpha|beta|generally_available|custom)$/),
      supportLevel: expect.stringMatching(/^(community|certified|archived)$/),
    });
  });

  it('sends the reader where the spec does, and promises the same protocol', () => {
    expect(data['documentationUrl']).toBe(spec['documentationUrl']);
    expect(data['protocolVersion']).toBe(spec['protocol_version']);
  });

  it("has a definition id of its own, not that of Airbyte's source-stripe", () => {
    expect(data['definitionId']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(data['definitionId']).not.toBe('e094cb9a-26de-4645-8761-65c0c425d1de');
  });

  it('allows exactly the host that the connector talks to', () => {
    expect(data['allowedHosts']).toEqual({ hosts: ['api.stripe.com'] });
  });

  it('suggests only streams that have a schema', () => {
    const { streams } = data['suggestedStreams'] as { streams: string[] };
    expect(streams.length).toBeGreaterThan(0);
    for (const stream of streams) expect(() => text(`schemas/${stream}.json`)).not.toThrow();
  });

  it('has the version and licence of package.json', () => {
    expect(data['dockerImageTag']).toBe(manifest['version']);
    expect(data['license']).toBe(manifest['license']);
  });
});

describe('Dockerfile', () => {
  it('labels the image as metadata.yaml and package.json have it', () => {
    expect(quoted('io.airbyte.name')).toBe(data['dockerRepository']);
    expect(quoted('io.airbyte.version')).toBe(data['dockerImageTag']);
    expect(quoted('org.opencontainers.image.title')).toBe(manifest['name']);
    expect(quoted('org.opencontainers.image.description')).toBe(manifest['description']);
    expect(quoted('org.opencontainers.image.version')).toBe(manifest['version']);
    expect(quoted('org.opencontainers.image.licenses')).toBe(manifest['license']);
  });

  it('has one absolute entry point, as ENTRYPOINT and as AIRBYTE_ENTRYPOINT', () => {
    const [, array] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile) ?? [];
    const command = JSON.parse(array ?? '[]') as string[];
    expect(command.join(' ')).toBe(quoted('AIRBYTE_ENTRYPOINT'));
    expect(command.map((part) => part[0])).toEqual(['/', '/']);
  });

  it('runs as a number that Kubernetes can tell from root, and asks Estuary for the state of the protocol', () => {
    expect(dockerfile).toMatch(/^USER 1000:1000$/m);
    expect(quoted('AIRBYTE_TO_FLOW_STATE_FORMAT')).toBe('per_stream');
  });
});
