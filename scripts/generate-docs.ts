import { areas, catalog } from '../src/streams/catalog.js';
import {
  type Area,
  cursorFieldOf,
  isIncremental,
  primaryKeyOf,
  productOf,
  type StreamDefinition,
} from '../src/streams/definition.js';
import { type Includable, includableOf } from '../src/streams/includable.js';
import { formerStreams, notStreams } from '../src/streams/not-streams.js';
import type { Schema } from '../src/streams/schemas.js';
import { draw, isDrawn } from './docs/diagram.js';
import { relationsOf } from './docs/relations.js';
import { SCHEMAS } from './generate-schemas.js';

/** The documentation that follows from the catalog and the schemas: the path of each file, and its text. */
export function generateDocs(schemas: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const schemaOf = ({ name }: StreamDefinition): Schema => JSON.parse(schemas.get(`${SCHEMAS}/${name}.json`) ?? '{}');
  const sections = [introduction(), ...areas.map((area) => describeArea(area, schemaOf)), leftOut()];
  return new Map([['docs/streams.md', `${sections.join('\n\n')}\n`]]);
}

function introduction(): string {
  const isV2 = ({ path }: StreamDefinition) => path.startsWith('/v2/');
  const ofV2 = catalog.filter(isV2).length;
  return `# Streams

Written by \`npm run generate\` from \`src/streams\`: edit the literals, not this file.

${catalog.length} streams, ${catalog.length - ofV2} of Stripe's API v1 and ${ofV2} of API v2. All have *full refresh*, and an interrupted one
resumes. Those with a cursor are *incremental*, too: a sync then reads what was created since the last one.

- **Sees**: *new rows* means that a sync finds new rows by their cursor, but does not follow changes and deletions of old
  rows yet. *All, each time* means that Stripe cannot be asked for what is new, so every sync reads the whole list, changes
  included.
- **Requests**: what a sync costs, not counting retries. The parent's list is read once for the parent and all its children
  together. If the parent itself is not configured, add the requests for its list.
- **Fields on request**: Stripe leaves some fields out unless the request asks for them with \`expand[]\`. The connector always
  asks for those without which a row does not say how much, or of what; the option \`expand\` adds the others.
- **Needs**: a product of Stripe that an account may not have. Where Stripe refuses the list because of it, the stream has
  no rows, and a warning says so. A refusal of any other list is a failure.
- **Pictures**: an arrow leads from a row to the row whose id it holds, and names the field. A thick line leads from a
  parent to a child that is read with it. Streams of another section have round boxes.`;
}

function describeArea(area: Area, schemaOf: (stream: StreamDefinition) => Schema): string {
  const relations = area.streams.flatMap((stream) => relationsOf(stream, schemaOf(stream)));
  const picture = draw(area, relations);
  const notes = area.streams.flatMap(({ name, note }) => (note ? [`- \`${name}\`: ${note}`] : []));
  const needs = needsOf(area);
  const many = relations
    .filter((relation) => !isDrawn(relation))
    .map(
      ({ from, field, to }) => `- \`${from.name}.${field}\` is the id of a row of ${list(to.map(({ name }) => name))}.`,
    );
  const bullets = [...notes, ...needs, ...many];
  return [
    `## ${area.name}`,
    table(area.streams),
    ...(bullets.length > 0 ? [bullets.join('\n')] : []),
    ...requestTable(area.streams),
    ...(picture ? [picture] : []),
  ].join('\n\n');
}

/** The products that streams of the area need. */
function needsOf({ streams }: Area): readonly string[] {
  const products = new Set(streams.flatMap((stream) => productOf(stream) ?? []));
  return [...products].map((product) => {
    const needy = streams.filter((stream) => productOf(stream) === product).map(({ name }) => `\`${name}\``);
    return `- Needs ${product}: ${needy.length === streams.length ? 'all of them' : needy.join(', ')}.`;
  });
}

/** The fields that Stripe leaves out unless asked, and whether the rows have them; nothing where there are none. */
function requestTable(streams: readonly StreamDefinition[]): readonly string[] {
  const rows = streams.flatMap((stream) =>
    includableOf(stream).map((field) => [`\`${stream.name}.${field.field}\``, isInRows(field)]),
  );
  return rows.length > 0 ? [markdown(['field on request', 'in the rows'], rows)] : [];
}

function isInRows({ included, why }: Includable): string {
  if (included === 'always') return 'always';
  return included === 'children' ? `while ${why} is read` : `no: ${why}`;
}

function table(streams: readonly StreamDefinition[]): string {
  const rows = streams.map((stream) => [
    `\`${stream.name}\``,
    `\`${stream.path}${queryOf(stream)}\``,
    isIncremental(stream) ? `incremental by \`${cursorFieldOf(stream)}\`` : 'full refresh',
    primaryKeyOf(stream)
      .map((field) => `\`${field}\``)
      .join(', '),
    stream.parent ? `\`${stream.parent.stream.name}\`` : '',
    isIncremental(stream) ? 'new rows' : 'all, each time',
    requestsOf(stream),
  ]);
  const head = ['stream', 'endpoint', 'sync mode', 'primary key', 'parent', 'sees', 'requests'];
  return markdown(head, rows);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The query parameters of the list beside those of paging. */
function queryOf({ params, parent }: StreamDefinition): string {
  const query = [
    ...Object.entries(params ?? {}).map(([name, value]) => `${name}=${value}`),
    ...Object.entries(parent?.query ?? {}).map(([name, field]) => `${name}={${field}}`),
  ];
  return query.length === 0 ? '' : `?${query.join('&')}`;
}

function requestsOf({ path, paginates, parent }: StreamDefinition): string {
  const page = path.startsWith('/v2/') ? 20 : 100;
  if (!parent) return paginates === false ? '1' : `1 per ${page} rows`;
  const which = parent.only ? `${parent.stream.name} with \`${parent.only.field}\`` : parent.stream.name;
  if (!parent.embeddedIn) return `1 per row of ${which}`;
  return `none; 1 per row of ${which} that has more than it embeds`;
}

function leftOut(): string {
  const items = (reasons: Readonly<Record<string, string>>) =>
    Object.entries(reasons)
      .map(([path, reason]) => `- \`${path}\`: ${reason}.`)
      .join('\n');
  return `## Lists that are no streams

${items(notStreams)}

## Lists that Stripe no longer has, or never had

${items(formerStreams)}`;
}

function list(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
