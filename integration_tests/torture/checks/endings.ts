import type { FailureType, Message } from '../../../src/protocol/messages.js';
import { errorsOf, logsOf, recordsOf, statesOf, statusesOf } from '../../connector.js';
import type { Attempt, Life } from '../life.js';
import { keyOfStream, ownMessages } from '../own.js';
import type { FaultPlan, Scenario, StreamPlan } from '../scenario.js';
import { isHarmless } from './refusals.js';
import { hasUnreachable } from './unreachable.js';

/** How an attempt may end, depending on its troubles. */
export function* wrongEndings({ scenario, attempts }: Life): Generator<string> {
  for (const [n, attempt] of attempts.entries()) {
    for (const wrong of wrongEnding(attempt, scenario)) yield `attempt ${n + 1} ${wrong}`;
  }
}

function* wrongEnding(attempt: Attempt, scenario: Scenario): Generator<string> {
  const { end, plan } = attempt;
  yield* wrongTraces(attempt, scenario.streams);
  yield* wrongAccounts(attempt);
  if (plan.ending.kind !== 'itself' || end === 0) return;
  const isNothing = attempt.account !== 'other' && plan.faults.every((fault) => isBorne(fault, plan.faults.length));
  if (!isNothing || (hasUnreachable(scenario) && end === 1)) return;
  const why = errorsOf(attempt).map(({ message }) => message);
  yield `ends with ${end} although nothing went wrong for good: ${why.join('; ')}`;
}

/** Whether a fault must not end a sync: it is over before the retries are, or can be avoided. */
function isBorne({ fault, target }: FaultPlan, count: number): boolean {
  return target.kind === 'expanded pages' || isHarmless(fault, count);
}

/**
 * Errors come when all streams have ended, or at a signal, because many readers stop at the first; that is the one to
 * act on.
 */
function* wrongTraces(attempt: Attempt, streams: readonly StreamPlan[]): Generator<string> {
  const { messages, end } = attempt;
  const first = messages.findIndex(isError);
  if (first < 0 || end === 'SIGTERM') return;
  const open = streams.filter((stream) => {
    const last = statusesOf({ messages: ownMessages({ messages: messages.slice(0, first) }, stream) }, stream.name).at(
      -1,
    );
    return last === 'STARTED' || last === 'RUNNING';
  });
  if (open.length > 0) yield `reports an error while ${open.map(keyOfStream).join(', ')} is being read`;
  if (messages.slice(first).some((message) => message.type === 'RECORD')) yield 'emits records after an error';
  yield* wrongErrors(attempt, streams);
}

function* wrongErrors(attempt: Attempt, streams: readonly StreamPlan[]): Generator<string> {
  const errors = errorsOf(attempt);
  const [first] = errors;
  const types = errors.map(({ failure_type }): FailureType => failure_type);
  if (types.includes('config_error') && types[0] !== 'config_error')
    yield 'does not begin with the error that a user can mend';
  if (!first?.stream_descriptor || typeof attempt.end !== 'number') return;
  const failed = streams.filter((stream) => {
    const own = { messages: ownMessages(attempt, stream) };
    return statusesOf(own, stream.name).includes('INCOMPLETE');
  });
  const others = failed.length - 1;
  const says = /\bother/.test(first.message) && (others === 1 || first.message.includes(String(others)));
  if (others > 0 && !says) yield `does not say that ${others} other streams failed: ${first.message}`;
  // An error in the state is reported once for all streams.
  if (attempt.account === 'other') return;
  const silent = failed.filter(({ name }) => !logsOf(attempt, 'ERROR').some((text) => text.includes(name)));
  if (silent.length > 0) yield `logs no error for ${silent.map(keyOfStream).join(', ')}`;
}

function isError(message: Message): boolean {
  return message.type === 'TRACE' && message.trace.error !== undefined;
}

/** A state names the account that could be known, or none; the state of another account is refused. */
function* wrongAccounts(attempt: Attempt): Generator<string> {
  const { account } = attempt;
  const states = statesOf(attempt).map(({ stream }) => stream.stream_state);
  if (account === 'unnamed' && states.some((state) => 'account' in state)) {
    yield 'writes an account into a state that it could not know';
  }
  if (account !== 'other' || typeof attempt.end !== 'number') return;
  const isRefused = errorsOf(attempt).some(({ failure_type }) => failure_type === 'config_error');
  if (!isRefused || recordsOf(attempt).length > 0) yield 'continues from the state of another account';
}
