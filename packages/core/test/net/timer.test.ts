import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { after, longestDelayMs } from '../../src/net/timer.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a delay of a month fires after a month, not at once', () => {
  const month = 31 * 24 * 3_600_000;
  const run = vi.fn();

  after(month, run);

  vi.advanceTimersByTime(month - 1);
  expect(run).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledTimes(1);
});

test.each([longestDelayMs - 1, longestDelayMs, longestDelayMs + 1, 3 * longestDelayMs + 7])(
  'a delay of %d ms is kept to the millisecond',
  (delayMs) => {
    const run = vi.fn();

    after(delayMs, run);

    vi.advanceTimersByTime(delayMs - 1);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  },
);

test('an endless delay never fires, and a negative one fires at once', () => {
  const never = vi.fn();
  const now = vi.fn();

  after(Number.POSITIVE_INFINITY, never);
  after(-5, now);

  vi.advanceTimersByTime(10 * longestDelayMs);
  expect(never).not.toHaveBeenCalled();
  expect(now).toHaveBeenCalledTimes(1);
});

test('a cancelled timer stays silent, in its later pieces too', () => {
  const run = vi.fn();
  const timer = after(2 * longestDelayMs, run);

  vi.advanceTimersByTime(longestDelayMs + 1);
  timer.cancel();
  timer.cancel();

  vi.advanceTimersByTime(2 * longestDelayMs);
  expect(run).not.toHaveBeenCalled();
});

test('no number is no delay', () => {
  expect(() => after(Number.NaN, () => undefined)).toThrow(RangeError);
});
