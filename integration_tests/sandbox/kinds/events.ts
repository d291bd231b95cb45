import { badParameter } from '../api/errors.js';
import { type Query, textOf } from '../api/query.js';
import type { Row, World } from '../data/model.js';
import { Json, template, write } from '../data/template.js';
import { type Seconds, type Timeline, timelineOf } from '../data/timeline.js';
import type { Kind } from './kind.js';
import { SALT } from './salts.js';

/** An event as it is on the wire; the types of the `stripe` package know it as one of hundreds. */
interface EventObject {
  readonly id: string;
  readonly object: 'event';
  readonly api_version: string;
  readonly created: Seconds;
  readonly data: { readonly object: unknown; readonly previous_attributes?: unknown };
  readonly livemode: boolean;
  readonly pending_webhooks: number;
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null };
  readonly type: string;
}

/** What an event is about. */
export interface Happening {
  readonly type: string;
  /** The object as it was then, as JSON. */
  readonly object: (indent: number) => string;
  /** What changed fields were before. */
  readonly previous?: Readonly<Record<string, unknown>>;
}

interface Event extends Happening {
  readonly row: Row;
}

export const EVENTS_PATH = '/v1/events';

const DAY = 86_400;
/** How long Stripe keeps events. */
export const RETENTION = 30 * DAY;
const MAX_TYPES = 20;

/** The events of the start: the creation of every object of the last 30 days. */
interface Births {
  /** For each event the time since `since`, the place of the kind, and the index of the object, in one number. */
  readonly packed: Float64Array;
  readonly since: Seconds;
}

/** The ranges that fit into one number besides 30 days of seconds: so many kinds, with so many objects each. */
const KIND_FACTOR = 256;
const INDEX_FACTOR = 2 ** 23;

function birthsOf(world: World, kinds: readonly Kind[]): Births {
  return world.once('births', () => {
    const since = world.now() - RETENTION;
    const packed: number[] = [];
    for (const [place, kind] of kinds.entries()) {
      const collection = world.collection(kind.name);
      for (let index = collection.upTo(since - 1); index < collection.base; index += 1) {
        packed.push(((collection.createdOf(index) - since) * KIND_FACTOR + place) * INDEX_FACTOR + index);
      }
    }
    return { packed: Float64Array.from(packed).sort(), since };
  });
}

function timelineOfEvents(world: World, kinds: readonly Kind[]): Timeline {
  const { packed, since } = birthsOf(world, kinds);
  const times = Float64Array.from(packed, (value) => since + Math.floor(value / (KIND_FACTOR * INDEX_FACTOR)));
  return timelineOf(times);
}

/** Events that were added since the start, by index. */
export function addedEvents(world: World): Map<number, Happening> {
  return world.once('added events', () => new Map<number, Happening>());
}

const eventShape = {
  id: (e: Event) => e.row.id,
  object: 'event',
  api_version: (e: Event) => e.row.world.eventApiVersion,
  created: (e: Event) => e.row.created,
  data: (e: Event) => new Json((indent) => dataText(e, indent)),
  livemode: false,
  pending_webhooks: 0,
  request: { id: (e: Event) => `req_${e.row.hash(SALT.event.request).toString(36)}`, idempotency_key: null },
  type: (e: Event) => e.type,
} as const;

const eventText = template<EventObject, Event>(eventShape);

function dataText({ object, previous }: Event, indent: number): string {
  const pad = ' '.repeat(indent);
  const before = previous === undefined ? '' : `,\n${pad}  "previous_attributes": ${write(previous, indent + 2)}`;
  return `{\n${pad}  "object": ${object(indent + 2)}${before}\n${pad}}`;
}

/** `invoice.*` and `*` stand for all that they begin. */
function matchesType(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

function typeFilter(typeOf: (row: Row) => string, query: Query): (row: Row) => boolean {
  const pattern = textOf(query, 'type');
  const types = query.get('types');
  if (pattern !== undefined && types) {
    throw badParameter('types', 'You may only specify one of these parameters: type, types.');
  }
  if (types && types.length > MAX_TYPES) {
    throw badParameter('types', `You may only specify up to ${MAX_TYPES} event types.`);
  }
  if (pattern !== undefined) return (row) => matchesType(pattern, typeOf(row));
  if (!types) return () => true;
  const wanted = new Set(types);
  return (row) => wanted.has(typeOf(row));
}

/** The events of these kinds of objects. */
export function createEvents(all: readonly Kind[]): Kind {
  const kinds = all.filter(({ events }) => events?.created);

  function birthAt(world: World, index: number): { readonly kind: Kind; readonly object: Row } | undefined {
    const value = birthsOf(world, kinds).packed[index];
    if (value === undefined) return undefined;
    const kind = kinds[Math.floor(value / INDEX_FACTOR) % KIND_FACTOR];
    return kind && { kind, object: world.row(kind.name, value % INDEX_FACTOR) };
  }

  function happeningOf({ world, index }: Row): Happening {
    const added = addedEvents(world).get(index);
    if (added) return added;
    const birth = birthAt(world, index);
    if (!birth) throw new Error(`the sandbox has no event ${index}`);
    const { kind, object } = birth;
    return { type: typeOfBirth(kind, object), object: (indent) => kind.write(object, indent) };
  }

  function typeOf({ world, index }: Row): string {
    const birth = birthAt(world, index);
    return birth ? typeOfBirth(birth.kind, birth.object) : (addedEvents(world).get(index)?.type ?? '');
  }

  return {
    name: 'events',
    path: EVENTS_PATH,
    object: 'event',
    prefix: 'evt_1',
    timeline: (world) => timelineOfEvents(world, kinds),
    permission: ['event_read', 'Events Read'],
    search: { params: ['type', 'types', 'delivery_success'], matches: (query) => typeFilter(typeOf, query) },
    since: (world) => world.now() - RETENTION,
    write: (row, indent) => eventText({ row, ...happeningOf(row) }, indent),
  };
}

function typeOfBirth(kind: Kind, object: Row): string {
  return kind.events?.created?.(object) ?? '';
}
