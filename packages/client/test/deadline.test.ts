import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startDeadline } from '../src/deadline.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a deadline longer than Node’s timers last does not expire at once', () => {
  const days30 = 30 * 86_400_000;
  const expired = vi.fn();
  startDeadline(days30, expired);

  vi.advanceTimersByTime(days30 - 1);
  expect(expired).not.toHaveBeenCalled();

  vi.advanceTimersByTime(1);
  expect(expired).toHaveBeenCalledOnce();
});

test('a deadline that was called off never expires', () => {
  const expired = vi.fn();
  const cancel = startDeadline(1_000, expired);

  cancel();

  vi.advanceTimersByTime(10_000);
  expect(expired).not.toHaveBeenCalled();
});
