import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DropReport } from '../../src/handlers/drop-report.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a drop is told at once, those that follow by their number, every ten seconds', () => {
  const log: string[] = [];
  const report = new DropReport("handler 'n'", (level, text) => log.push(`[${level}] ${text}`));

  for (let drop = 0; drop < 5; drop += 1) report.add();
  expect(log).toEqual(["[WARN] agent: Dropping events for handler 'n': too many wait"]);
  vi.advanceTimersByTime(10_001);
  expect(log.slice(1)).toEqual(["[WARN] agent: Dropped 5 events for handler 'n'"]);

  vi.advanceTimersByTime(60_000);
  report.add();
  report.stop();
  report.stop();
  vi.advanceTimersByTime(60_000);
  expect(log.slice(2)).toEqual([
    "[WARN] agent: Dropping events for handler 'n': too many wait",
    "[WARN] agent: Dropped 1 event for handler 'n'",
  ]);
});
