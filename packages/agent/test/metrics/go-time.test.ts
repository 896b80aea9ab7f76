import { afterEach, expect, test, vi } from 'vitest';
import { goTime, goTimeSince } from '../../src/metrics/go-time.js';

afterEach(() => vi.unstubAllEnvs());

const moment = Date.UTC(2026, 10, 23, 12, 46, 12);

test('a moment is printed as Go prints it, with as many digits as it has', () => {
  vi.stubEnv('TZ', 'UTC');

  expect(goTime(moment)).toBe('2026-11-23 12:46:12 +0000 UTC');
  expect(goTime(moment + 500)).toBe('2026-11-23 12:46:12.5 +0000 UTC');
  expect(goTime(moment + 0.25)).toBe('2026-11-23 12:46:12.00025 +0000 UTC');
});

test('a zone west of Greenwich has its sign and its name', () => {
  vi.stubEnv('TZ', 'America/St_Johns');

  expect(goTime(moment)).toMatch(/^2026-11-23 09:16:12 -0330 \S+$/);
});

test('what the process took itself says how long after its start', () => {
  vi.stubEnv('TZ', 'UTC');

  expect(goTimeSince(moment, moment - 3.25)).toBe('2026-11-23 12:46:12 +0000 UTC m=+0.003250000');
});
