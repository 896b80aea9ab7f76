import { afterEach, expect, test, vi } from 'vitest';
import { RareLog } from '../src/rare-log.js';

afterEach(() => vi.useRealTimers());

test('a trouble that repeats gets one line a minute, and each other one its own', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const lines: string[] = [];
  const log = new RareLog((level, text) => lines.push(`${level} ${text}`));

  for (let second = 0; second < 125; second += 1) {
    log.write('WARN', 'the socket broke');
    if (second === 30) log.write('ERR', 'the name is gone');
    vi.advanceTimersByTime(1_000);
  }

  expect(lines).toEqual([
    'WARN the socket broke',
    'ERR the name is gone',
    'WARN the socket broke',
    'WARN the socket broke',
  ]);
});
