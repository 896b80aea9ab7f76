import { expect, test } from 'vitest';
import { RecentIntents } from '../../src/serf/recent-intents.js';

test('only a strictly newer intent replaces the one that is held, whatever its kind', () => {
  const recent = new RecentIntents(10);

  expect(recent.upsert('bar', 'leave', 2, 0)).toBe(true);
  expect(recent.upsert('bar', 'join', 4, 0)).toBe(true);
  expect(recent.upsert('bar', 'join', 0, 0)).toBe(false);
  expect(recent.upsert('bar', 'leave', 4, 0)).toBe(false);
  expect(recent.upsert('bar', 'join', 5, 0)).toBe(true);

  expect(recent.find('bar')).toEqual({ kind: 'join', ltime: 5, heardMs: 0 });
  expect(recent.find('foo')).toBeUndefined();
});

test('intents expire when they are older than the timeout, and not yet when exactly as old', () => {
  const recent = new RecentIntents(10);
  recent.upsert('old', 'leave', 1, 0);
  recent.upsert('exact', 'leave', 1, 1);
  recent.upsert('renewed', 'leave', 1, 0);
  recent.upsert('renewed', 'leave', 2, 900);

  recent.expire(1_001, 1_000);

  expect(recent.find('old')).toBeUndefined();
  expect(recent.find('exact')).toBeDefined();
  expect(recent.find('renewed')).toBeDefined();
});

test('a full buffer refuses new names, still renews held ones, and counts what it refused', () => {
  const recent = new RecentIntents(2);
  recent.upsert('a', 'join', 1, 0);
  recent.upsert('b', 'join', 1, 0);

  expect(recent.upsert('c', 'join', 1, 0)).toBe(false);
  expect(recent.upsert('a', 'join', 2, 0)).toBe(true);
  expect(recent.size).toBe(2);
  expect(recent.refused).toBe(1);
});
