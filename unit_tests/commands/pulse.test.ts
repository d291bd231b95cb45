import { describe, expect, it } from 'vitest';
import { Pulse } from '../../src/commands/pulse.js';
import { log, type Message } from '../../src/protocol/messages.js';

const MINUTE = 60_000;
const STATE: Message = {
  type: 'STATE',
  state: {
    type: 'STREAM',
    stream: { stream_descriptor: { name: 'x' }, stream_state: {} },
    sourceStats: { recordCount: 0 },
  },
};
const RECORD: Message = { type: 'RECORD', record: { stream: 'x', data: {}, emitted_at: 0 } };

/** A pulse with a clock of its own. `took` returns what was written since its last call. */
function stage(write: (message: Message) => Promise<void> = async () => {}) {
  let ms = 1_000_000;
  let written: Message[] = [];
  const pulse = new Pulse(
    (message) => {
      written.push(message);
      return write(message);
    },
    () => ms,
  );
  return {
    pulse,
    pass: (more: number) => {
      ms += more;
    },
    beat: () =>
      pulse.beat(
        () => pulse.write(STATE),
        () => 'waiting',
      ),
    took: () => {
      const taken = written;
      written = [];
      return taken;
    },
  };
}

describe('a pulse', () => {
  it.each([
    [4999, []],
    [5000, [log('DEBUG', 'waiting')]],
  ])('after %i ms without a message, the pulse writes %j', async (ms, expected) => {
    const { pass, beat, took } = stage();
    pass(ms);
    await beat();
    expect(took()).toEqual(expected);
  });

  it('the line that the pulse writes counts as a message', async () => {
    const { pass, beat, took } = stage();
    pass(5000);
    await beat();
    pass(4999);
    await beat();
    expect(took()).toHaveLength(1);
  });

  it('the states are repeated after three minutes without a record or a state, whatever else was written', async () => {
    const { pulse, pass, beat, took } = stage();
    for (let minute = 0; minute < 3; minute += 1) {
      await pulse.write(log('INFO', 'news'));
      pass(MINUTE);
    }
    took();
    await beat();
    expect(took()).toEqual([STATE]);
    pass(3 * MINUTE - 1);
    await beat();
    expect(took()).toEqual([log('DEBUG', 'waiting')]);
  });

  it.each([
    ['RECORD', RECORD] as const,
    ['STATE', STATE] as const,
  ])('a %s counts as a sign of life', async (_, message) => {
    const { pulse, pass, beat, took } = stage();
    pass(2 * MINUTE);
    await pulse.write(message);
    took();
    pass(2 * MINUTE);
    await beat();
    expect(took()).toEqual([log('DEBUG', 'waiting')]);
  });

  it('the pulse writes its line even where there are no states to repeat', async () => {
    const { pulse, pass, took } = stage();
    pass(3 * MINUTE);
    await pulse.beat(
      async () => {},
      () => 'waiting',
    );
    expect(took()).toEqual([log('DEBUG', 'waiting')]);
  });

  it('nothing is written to a reader that has not taken what it was sent before', async () => {
    let take = () => {};
    const { pulse, pass, beat, took } = stage(
      () =>
        new Promise((resolve) => {
          take = resolve;
        }),
    );
    const writing = pulse.write(RECORD);
    took();
    pass(10 * MINUTE);
    await beat();
    expect(took()).toEqual([]);
    take();
    await writing;
    void beat();
    expect(took()).toEqual([STATE]);
  });

  it('a message that cannot be written rejects with the reason, and the next one is tried again', async () => {
    const { pulse, pass, beat, took } = stage(() => Promise.reject(new Error('gone')));
    await expect(pulse.write(RECORD)).rejects.toThrow('gone');
    took();
    pass(5000);
    await expect(beat()).rejects.toThrow('gone');
    expect(took()).toHaveLength(1);
  });
});
