import type { Message, StreamDescriptor } from '../../src/protocol/messages.js';
import type { StreamPlan } from './scenario.js';

type Stream = Pick<StreamPlan, 'name' | 'namespace'>;

/** What identifies a configured stream. */
export function keyOfStream({ name, namespace }: Stream): string {
  return namespace === null ? name : `${namespace}.${name}`;
}

/** The messages of one stream, in their order. */
export function ownMessages(
  { messages }: { readonly messages: readonly Message[] },
  stream: Stream,
): readonly Message[] {
  const key = keyOfStream(stream);
  return messages.filter((message) => {
    const { name, namespace = null } = descriptorOf(message) ?? {};
    return name !== undefined && keyOfStream({ name, namespace }) === key;
  });
}

/** The stream that a record, a state or a status is about. */
function descriptorOf(message: Message): StreamDescriptor | undefined {
  if (message.type === 'STATE') return message.state.stream.stream_descriptor;
  if (message.type === 'TRACE') return message.trace.stream_status?.stream_descriptor;
  if (message.type !== 'RECORD') return undefined;
  const { stream: name, namespace } = message.record;
  return namespace === undefined ? { name } : { name, namespace };
}
