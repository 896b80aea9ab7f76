import { expect, test } from 'vitest';
import { RateTable } from '../../src/swim/rate-table.js';

test('each key passes once per interval, whatever the others do', () => {
  const table = new RateTable({ intervalMs: 1_000, limit: 10 });

  expect(table.allows('a', 0)).toBe(true);
  expect(table.allows('b', 500)).toBe(true);
  expect(table.allows('a', 999)).toBe(false);
  expect(table.allows('a', 1_000)).toBe(true);
});

test('beyond its limit the key that passed longest ago is forgotten', () => {
  const table = new RateTable({ intervalMs: 1_000, limit: 2 });
  for (const key of ['a', 'b', 'c']) table.allows(key, 0);

  expect(table.size).toBe(2);
  expect(table.allows('c', 1)).toBe(false);
  expect(table.allows('a', 1)).toBe(true);
});
