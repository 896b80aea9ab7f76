import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RandomSource, xoshiro128 } from '../src/random-source.js';

function draws(source: RandomSource, count: number): number[] {
  return Array.from({ length: count }, source.next);
}

test('equal seeds give equal numbers, different seeds different ones', () => {
  expect(draws(new RandomSource(7), 20)).toEqual(draws(new RandomSource(7), 20));
  expect(draws(new RandomSource(7), 20)).not.toEqual(draws(new RandomSource(8), 20));
});

test('the generator steps as xoshiro128** is published', () => {
  const state = Uint32Array.of(1, 2, 3, 4);

  const numbers = [1, 2, 3, 4].map(() => xoshiro128(state));

  expect(numbers).toEqual([11520, 0, 5927040, 70819200]);
});

test('a fork depends on seed and label, not on what was drawn before', () => {
  const fresh = new RandomSource(1);
  const used = new RandomSource(1);
  draws(used, 5);

  expect(draws(used.fork(3), 5)).toEqual(draws(fresh.fork(3), 5));
  expect(draws(fresh.fork(4), 5)).not.toEqual(draws(fresh.fork(3), 5));
});

test('numbers are spread evenly over [0, 1)', () => {
  const buckets = new Array<number>(10).fill(0);
  for (const number of draws(new RandomSource(99), 100_000)) {
    const bucket = Math.floor(number * 10);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }

  for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test('a sample holds different elements of the list, as many as asked or as there are', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.uniqueArray(fc.nat(), { maxLength: 12 }),
      fc.nat(15),
      (seed, list, count) => {
        const sample = new RandomSource(seed).sample(list, count);
        expect(sample).toHaveLength(Math.min(count, list.length));
        expect(new Set(sample).size).toBe(sample.length);
        for (const element of sample) expect(list).toContain(element);
      },
    ),
  );
});
