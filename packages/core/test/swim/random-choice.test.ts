import fc from 'fast-check';
import { expect, test } from 'vitest';
import { choose, shuffle } from '../../src/swim/random-choice.js';
import { seeded } from './engine-under-test.js';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

test('a small list is searched to its end: the only one that fits is found', () => {
  fc.assert(
    fc.property(fc.nat(7), fc.integer(), (wanted, seed) => {
      expect(choose(3, numbers(8), (each) => each === wanted, seeded(seed))).toEqual([wanted]);
    }),
  );
});

test('what is chosen fits, is distinct, and never more than asked for', () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(5), fc.integer(), (length, count, seed) => {
      const chosen = choose(count, numbers(length), (each) => each % 2 === 0, seeded(seed));

      expect(chosen.length).toBeLessThanOrEqual(count);
      expect(new Set(chosen).size).toBe(chosen.length);
      expect(chosen.every((each) => each % 2 === 0)).toBe(true);
    }),
  );
});

test('a large list in which nothing fits is given up', () => {
  expect(choose(3, numbers(1_000), () => false, seeded(1))).toEqual([]);
});

test('a shuffle puts every element everywhere', () => {
  const seen = new Map<string, number>();
  const random = seeded(7);
  for (let run = 0; run < 6_000; run += 1) {
    const list = [...'abc'];
    shuffle(list, random);
    const order = list.join('');
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }

  expect(seen.size).toBe(6);
  for (const count of seen.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
