import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../', import.meta.url);

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(new URL('docs/', ROOT))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** Folders of `src/`, which the pages name without it. */
const INSIDE = readdirSync(new URL('src/', ROOT), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const OUTSIDE = ['.ci', 'docs', 'integration_tests', 'schemas', 'scripts', 'src', 'unit_tests'];

/** A path that begins with one of these folders; neither a part of a longer path nor of a URL. */
const PATH = new RegExp(`(?<![\\w./-])(?:${[...INSIDE, ...OUTSIDE].join('|')})/(?:[\\w./-]*[\\w/])?`, 'g');

function text(page: string): string {
  return readFileSync(new URL(page, ROOT), 'utf8');
}

/** What the links of a page lead to, without those to other sites and within the page. */
function relativeLinksOf(page: string): readonly string[] {
  const targets = [...text(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.replace(/#.*$/, ''));
  return targets.filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

function isThere(path: string): boolean {
  return existsSync(new URL(path, ROOT)) || existsSync(new URL(`src/${path}`, ROOT));
}

describe.each(PAGES)('%s', (page) => {
  it('has no relative link that leads nowhere', () => {
    const dead = relativeLinksOf(page).filter((target) => !existsSync(new URL(target, new URL(page, ROOT))));
    expect(dead).toEqual([]);
  });

  it('names no file or folder of this repository that does not exist', () => {
    const named = new Set(text(page).match(PATH) ?? []);
    expect([...named].filter((path) => !isThere(path))).toEqual([]);
  });
});

describe('the documentation', () => {
  it('leads from the README and from CONTRIBUTING to the architecture', () => {
    expect(relativeLinksOf('README.md')).toContain('docs/architecture.md');
    expect(relativeLinksOf('CONTRIBUTING.md')).toContain('docs/architecture.md');
  });
});
