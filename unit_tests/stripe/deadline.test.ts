import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDeadline } from '../../src/stripe/deadline.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(outer = new AbortController()) {
  const deadline = startDeadline(1000, outer.signal);
  return { outer, deadline, listeners: () => getEventListeners(outer.signal, 'abort').length };
}

describe('a deadline', () => {
  it('a deadline aborts its signal when the time has passed, and not before', () => {
    const { deadline } = start();
    vi.advanceTimersByTime(999);
    expect([deadline.signal.aborted, deadline.hasPassed()]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([deadline.signal.aborted, deadline.hasPassed()]).toEqual([true, true]);
  });

  it('a deadline aborts its signal for the same reason as the outer signal, and has not passed then', () => {
    const { outer, deadline } = start();
    outer.abort(new Error('enough'));
    expect([deadline.signal.reason, deadline.hasPassed()]).toEqual([new Error('enough'), false]);
  });

  it('a deadline starts with an aborted signal if the outer signal is aborted already', () => {
    const outer = new AbortController();
    outer.abort(new Error('enough'));
    expect(start(outer).deadline.signal.reason).toEqual(new Error('enough'));
  });

  it('a deadline that is cleared leaves neither timer nor listener behind', () => {
    const { deadline, listeners } = start();
    expect([vi.getTimerCount(), listeners()]).toEqual([1, 1]);
    deadline.clear();
    expect([vi.getTimerCount(), listeners()]).toEqual([0, 0]);
    vi.advanceTimersByTime(5000);
    expect([deadline.signal.aborted, deadline.hasPassed()]).toEqual([false, false]);
  });
});
