import { expect, test } from 'vitest';
import { Queries } from '../../src/serf/queries.js';

const queries = () => new Queries(() => {});

test('queries of one time differ by their id, and each is passed on once', () => {
  const known = queries();

  expect(known.receive({ ltime: 1, id: 1, flags: 0 })).toBe(true);
  expect(known.receive({ ltime: 1, id: 1, flags: 0 })).toBe(false);
  expect(known.receive({ ltime: 1, id: 2, flags: 0 })).toBe(true);
  expect(known.receive({ ltime: 1, id: 3, flags: 1 })).toBe(true);
});

test('a query that says so is not passed on, and is known from then on', () => {
  const known = queries();

  expect(known.receive({ ltime: 1, id: 1, flags: 2 })).toBe(false);
  expect(known.receive({ ltime: 1, id: 1, flags: 0 })).toBe(false);
});

test('a query at an absurd time is refused and leaves the clock alone (weakness 1)', () => {
  const refused: string[] = [];
  const known = new Queries((detail) => refused.push(detail));

  expect(known.receive({ ltime: 2 ** 64, id: 1, flags: 0 })).toBe(false);
  expect(known.clock.time).toBe(0);
  expect(refused).toHaveLength(1);
});

test('one time holds so many queries, and the rest is refused', () => {
  const refused: string[] = [];
  const known = new Queries((detail) => refused.push(detail));

  const taken = Array.from({ length: 2_000 }, (_, id) => known.receive({ ltime: 1, id, flags: 0 }));

  expect(taken.filter(Boolean)).toHaveLength(1_024);
  expect(refused).toHaveLength(2_000 - 1_024);
});
