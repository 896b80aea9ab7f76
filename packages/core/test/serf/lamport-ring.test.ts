import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LamportRing } from '../../src/serf/lamport-ring.js';

const ringOf = (slots: number, slotWeightLimit = 100, weightLimit = 10_000) =>
  new LamportRing<string>({
    slots,
    slotWeightLimit,
    weightLimit,
    weigh: (item) => item.length,
    keyOf: (item) => item,
  });

test('different items of one time are all new, equal ones are known', () => {
  const ring = ringOf(8);

  expect(ring.add(1, 'test', 2)).toBe('new');
  expect(ring.add(1, 'other', 2)).toBe('new');
  expect(ring.add(1, 'test', 2)).toBe('known');
});

test('the window reaches back exactly as many times as there are slots', () => {
  const ring = ringOf(512);

  expect(ring.add(189, 'x', 701)).toBe('new');
  expect(ring.add(188, 'x', 701)).toBe('old');
  expect(ring.add(100, 'x', 701)).toBe('old');
});

test('as long as the clock is within the first window nothing is old', () => {
  const ring = ringOf(512);

  expect(ring.add(0, 'x', 512)).toBe('new');
  expect(ring.add(0, 'y', 513)).toBe('old');
});

test('a new time takes over the slot of a past one', () => {
  const ring = ringOf(4);
  ring.add(1, 'past', 2);

  expect(ring.add(5, 'now', 6)).toBe('new');

  expect(ring.filled()).toEqual([expect.objectContaining({ ltime: 5, items: ['now'] })]);
});

test('a slot that is full refuses what is new and still knows what it holds', () => {
  const ring = ringOf(4, 8);
  ring.add(1, 'four', 2);
  ring.add(1, 'more', 2);

  expect(ring.add(1, 'x', 2)).toBe('full');
  expect(ring.add(1, 'four', 2)).toBe('known');
  expect(ring.add(2, 'x', 3)).toBe('new');
});

test('a ring that is full forgets its oldest times for a new one, and takes nothing of theirs for new', () => {
  const ring = ringOf(8, 8, 20);
  for (const ltime of [1, 2]) ring.add(ltime, 'eightful', 3);

  expect(ring.add(3, 'eightmor', 4)).toBe('new');

  expect(ring.filled().map((slot) => slot.ltime)).toEqual([2, 3]);
  expect(ring.add(1, 'eightful', 4)).toBe('old');
  expect(ring.add(2, 'eightful', 4)).toBe('known');
  expect(ring.add(4, 'four', 5)).toBe('new');
  expect(ring.filled().map((slot) => slot.ltime)).toEqual([2, 3, 4]);
});

test('a ring that is full of later times refuses an earlier one', () => {
  const ring = ringOf(8, 8, 16);
  for (const ltime of [4, 5]) ring.add(ltime, 'eightful', 6);

  expect(ring.add(3, 'x', 6)).toBe('full');
  expect(ring.filled().map((slot) => slot.ltime)).toEqual([4, 5]);
});

test('filled slots come in the order of their times', () => {
  const ring = ringOf(4);
  for (const ltime of [6, 3, 5]) ring.add(ltime, 'x', 7);

  expect(ring.filled().map((slot) => slot.ltime)).toEqual([3, 5, 6]);
});

test('whatever arrives, no item is new twice while its time is within the window', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40), fc.constantFrom('a', 'b'))), (arrivals) => {
      const ring = ringOf(8);
      const seen = new Set<string>();
      let clock = 1;
      for (const [ltime, item] of arrivals) {
        clock = Math.max(clock, ltime + 1);
        const verdict = ring.add(ltime, item, clock);
        const key = `${ltime} ${item}`;
        if (clock > 8 && ltime < clock - 8) expect(verdict).toBe('old');
        else expect(verdict).toBe(seen.has(key) ? 'known' : 'new');
        seen.add(key);
      }
    }),
  );
});
