import type { LogLevel } from '@tserf/core';
import { expect, test } from 'vitest';
import { logRecord } from '../src/log-record.js';
import { LogRing } from '../src/log-ring.js';

const record = (level: LogLevel, text: string) => logRecord(level, text, new Date(0));
const texts = (records: readonly { readonly text: string }[]) => records.map(({ text }) => text);
const ignore = () => {};

test('the last 512 records are replayed, oldest first', () => {
  const ring = new LogRing();
  for (let index = 1; index <= 1_300; index++) ring.add(record('INFO', `${index}`));

  const { replay } = ring.follow('TRACE', ignore);

  expect(texts(replay)).toEqual(Array.from({ length: 512 }, (_, index) => `${index + 789}`));
});

test.each([
  ['TRACE', ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERR']],
  ['INFO', ['INFO', 'WARN', 'ERR']],
  ['ERR', ['ERR']],
] as const)('a follower of %s gets %j, replayed and live', (minimum, expected) => {
  const ring = new LogRing();
  const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERR'] as const;
  for (const level of levels) ring.add(record(level, level));
  const live: string[] = [];

  const { replay } = ring.follow(minimum, ({ text }) => live.push(text));
  for (const level of levels) ring.add(record(level, level));

  expect(texts(replay)).toEqual(expected);
  expect(live).toEqual(expected);
});

test('between replay and live nothing is lost or twice', () => {
  const ring = new LogRing();
  const seen: string[] = [];

  for (let index = 0; index < 100; index++) {
    ring.add(record('INFO', `${index}`));
    if (index === 50) {
      const { replay } = ring.follow('INFO', ({ text }) => seen.push(text));
      seen.push(...texts(replay));
    }
  }

  expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => `${index}`));
});

test('a follower that stopped hears nothing more', () => {
  const ring = new LogRing();
  const live: string[] = [];
  const following = ring.follow('INFO', ({ text }) => live.push(text));

  ring.add(record('INFO', 'heard'));
  following.stop();
  following.stop();
  ring.add(record('INFO', 'not heard'));

  expect(live).toEqual(['heard']);
});

test('a long record is cut, so that what others choose to say fills no memory', () => {
  const long = 'x'.repeat(1_000_000);

  const { text, line } = logRecord('INFO', `agent: Force leaving node: ${long}`, new Date(0));

  expect(text.length).toBeLessThan(17_000);
  expect(text).toMatch(/^agent: Force leaving node: x+… \(1000027 characters in all\)$/);
  expect(line).toContain(text);
  expect(logRecord('INFO', 'x'.repeat(16_384), new Date(0)).text).toBe('x'.repeat(16_384));
});
