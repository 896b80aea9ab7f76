import fc from 'fast-check';
import { expect, test } from 'vitest';
import { choose, shuffle } from '../../src/swim/random-choice.js';
import { seeded } from './engine-under-test.js';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

test('the only one that fits is found, however large the list is', () => {
  fc.assert(
    fc.property(fc.nat(500), fc.nat(500), fc.integer(), (place, others, seed) => {
      const list = numbers(place + others + 1);

      expect(choose(3, list, (each) => each === place, seeded(seed))).toEqual([place]);
    }),
  );
});

test('each of those that fit is chosen as often as the others', () => {
  const times = new Map<number, number>();
  const random = seeded(3);
  for (let run = 0; run < 6_000; run += 1) {
    for (const each of choose(2, numbers(100), (number) => number % 20 === 0, random)) {
      times.set(each, (times.get(each) ?? 0) + 1);
    }
  }

  expect([...times.keys()].sort((a, b) => a - b)).toEqual([0, 20, 40, 60, 80]);
  for (const count of times.values()) expect(Math.abs(count - 2_400)).toBeLessThan(200);
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

test('where nothing fits nothing is chosen', () => {
  expect(choose(3, numbers(1_000), () => false, seeded(1))).toEqual([]);
  expect(choose(3, [], () => true, seeded(1))).toEqual([]);
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
