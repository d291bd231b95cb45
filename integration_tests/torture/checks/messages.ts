import type { Message, RecordMessage, StateMessage } from '../../../src/protocol/messages.js';
import { primaryKeyOf } from '../../../src/streams/definition.js';
import { errorsOf, statusesOf } from '../../connector.js';
import type { Attempt } from '../life.js';
import { keyOfStream, ownMessages } from '../own.js';
import type { StreamPlan } from '../scenario.js';
import { definitionOf } from '../world.js';

/** What one attempt may say about its streams, whatever happened to it. */
export function* mistakes(attempt: Attempt, streams: readonly StreamPlan[]): Generator<string> {
  for (const stream of streams) yield* mistakesOf(attempt, stream);
  yield* exits(attempt, streams);
}

/** How far a stream is in its own messages. */
interface Place {
  status: 'none' | 'STARTED' | 'RUNNING' | 'COMPLETE' | 'INCOMPLETE';
  rows: number;
  state: string | undefined;
}

function* mistakesOf(attempt: Attempt, stream: StreamPlan): Generator<string> {
  const name = keyOfStream(stream);
  const place: Place = { status: 'none', rows: 0, state: undefined };
  for (const message of ownMessages(attempt, stream)) {
    yield* note(place, name, message);
  }
  if (place.status === 'COMPLETE' && (place.rows > 0 || place.state === undefined)) {
    yield `${name}: COMPLETE without a state for its last ${place.rows} rows`;
  }
}

function* note(place: Place, name: string, message: Message): Generator<string> {
  const what = message.type === 'TRACE' ? message.trace.stream_status?.status : message.type;
  if (place.status === 'COMPLETE' || place.status === 'INCOMPLETE') yield `${name}: ${what} after ${place.status}`;
  if (message.type === 'RECORD') yield* noteRecord(place, name, message.record);
  else if (message.type === 'STATE') yield* noteState(place, name, message.state);
  else yield* noteStatus(place, name, message);
}

function* noteRecord(place: Place, name: string, { stream, data }: RecordMessage): Generator<string> {
  place.rows += 1;
  if (place.status !== 'RUNNING') yield `${name}: a record after ${place.status}`;
  const isWhole = primaryKeyOf(definitionOf(stream)).every((field) => typeof data[field] === 'string');
  if (!isWhole) yield `${name}: a record without its primary key`;
}

function* noteState(place: Place, name: string, { stream, sourceStats }: StateMessage): Generator<string> {
  const state = JSON.stringify(stream.stream_state);
  if (place.status === 'none') yield `${name}: a state before STARTED`;
  if (sourceStats.recordCount !== place.rows) {
    yield `${name}: a state counts ${sourceStats.recordCount} records, there were ${place.rows}`;
  }
  if (place.rows > 0 && state === place.state) yield `${name}: ${place.rows} records between two equal states`;
  place.rows = 0;
  place.state = state;
}

function* noteStatus(place: Place, name: string, message: Message): Generator<string> {
  const { status, ...rest } = (message.type === 'TRACE' && message.trace.stream_status) || {};
  if (status === undefined) return;
  const isLimited = status === 'RUNNING' && 'reasons' in rest;
  const may = { STARTED: ['none'], RUNNING: ['STARTED'], COMPLETE: ['STARTED', 'RUNNING'], INCOMPLETE: [] };
  const isAllowed = status === 'INCOMPLETE' || may[status].includes(place.status);
  if (!isAllowed && !(isLimited && place.status === 'RUNNING')) yield `${name}: ${status} after ${place.status}`;
  place.status = status;
}

function* exits(attempt: Attempt, streams: readonly StreamPlan[]): Generator<string> {
  const { end } = attempt;
  const last = streams.map((stream) => statusesOf({ messages: ownMessages(attempt, stream) }, stream.name).at(-1));
  if (end === 'hangs') yield 'hangs';
  if (end === 0 && !last.every((status) => status === 'COMPLETE')) yield `exit code 0 with streams ${last.join(', ')}`;
  if (typeof end === 'number' && end > 0 && errorsOf(attempt).length === 0) yield `exit code ${end} without an error`;
  if (typeof end === 'number' && last.some((status) => status === 'STARTED' || status === 'RUNNING')) {
    yield `exits with streams ${last.join(', ')}`;
  }
  const broken = errorsOf(attempt).find(({ message }) => message.includes('inside the connector'));
  if (broken) yield broken.message;
}
