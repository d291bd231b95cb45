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

/** What the links of a page lead to, without those to other sites. */
function relativeLinksOf(page: string): readonly string[] {
  const targets = [...text(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** Whether there is the file, and the heading in it, where the link names one. */
function leadsSomewhere(page: string, link: string): boolean {
  const [file = '', heading] = link.split('#');
  const target = new URL(file === '' ? page.replace(/^.*\//, '') : file, new URL(page, ROOT));
  return existsSync(target) && (heading === undefined || headingsIn(readFileSync(target, 'utf8')).includes(heading));
}

/** The headings of a page, as GitHub writes them in links. */
function headingsIn(page: string): readonly string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

function isThere(path: string): boolean {
  return existsSync(new URL(path, ROOT)) || existsSync(new URL(`src/${path}`, ROOT));
}

describe.each(PAGES)('%s', (page) => {
  it('has no relative link that leads nowhere', () => {
    expect(relativeLinksOf(page).filter((link) => !leadsSomewhere(page, link))).toEqual([]);
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
