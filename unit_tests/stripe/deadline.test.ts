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
  it('aborts its signal when the time has passed, and not before', () => {
    const { deadline } = start();
    vi.advanceTimersByTime(999);
    expect([deadline.signal.aborted, deadline.hasPassed()]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([deadline.signal.aborted, deadline.hasPassed()]).toEqual([true, true]);
  });

  it('aborts its signal with the outer one and its reason, and has not passed then', () => {
    const { outer, deadline } = start();
    outer.abort(new Error('enough'));
    expect([deadline.signal.reason, deadline.hasPassed()]).toEqual([new Error('enough'), false]);
  });

  it('begins aborted where the outer signal is', () => {
    const outer = new AbortController();
    outer.abort(new Error('enough'));
    expect(start(outer).deadline.signal.reason).toEqual(new Error('enough'));
  });

  it('leaves neither timer nor listener behind when it is cleared', () => {
    const { deadline, listeners } = start();
    expect([vi.getTimerCount(), listeners()]).toEqual([1, 1]);
    deadline.clear();
    expect([vi.getTimerCount(), listeners()]).toEqual([0, 0]);
    vi.advanceTimersByTime(5000);
    expect([deadline.signal.aborted, deadline.hasPassed()]).toEqual([false, false]);
  });
});
