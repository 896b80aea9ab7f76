import { expect, test } from 'vitest';
import { Measure } from '../../src/swim/measure.js';

test('what was added since the last look is summed up, and then begins anew', () => {
  const measure = new Measure();
  for (const [value, atMs] of [
    [3, 10],
    [1, 20],
    [2, 30],
  ] as const) {
    measure.add(value, atMs);
  }

  expect(measure.take()).toEqual({
    count: 3,
    sum: 6,
    sumOfSquares: 14,
    min: 1,
    max: 3,
    lastMs: 30,
    values: [3, 1, 2],
  });
  expect(measure.take()).toBeUndefined();
  measure.add(5, 40);
  expect(measure.take()).toMatchObject({ count: 1, sum: 5, min: 5, max: 5, values: [5] });
});

test('of many values the newest are kept, and all of them counted', () => {
  const measure = new Measure();
  for (let value = 1; value <= 1_000; value += 1) measure.add(value, value);

  const measured = measure.take();

  expect(measured).toMatchObject({ count: 1_000, sum: 500_500, min: 1, max: 1_000 });
  expect([...(measured?.values ?? [])].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 32 }, (_, index) => 969 + index),
  );
});
