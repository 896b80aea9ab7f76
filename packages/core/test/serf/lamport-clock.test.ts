import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  farthestLamportTime,
  highestLamportTime,
  LamportClock,
} from '../../src/serf/lamport-clock.js';

test('a clock starts at 0, and increment returns the new time', () => {
  const clock = new LamportClock();

  expect(clock.time).toBe(0);
  expect(clock.increment()).toBe(1);
  expect(clock.time).toBe(1);
});

test('witnessing moves the clock past what was seen, and never back', () => {
  const clock = new LamportClock();

  expect(clock.witness(41)).toBe(true);
  expect(clock.time).toBe(42);
  expect(clock.witness(42)).toBe(true);
  expect(clock.time).toBe(43);
  expect(clock.witness(7)).toBe(true);
  expect(clock.time).toBe(43);
});

test.each([2 ** 53, 2 ** 64, highestLamportTime + 1, -1, 1.5, Number.NaN, Infinity])(
  'the time %d is refused and changes nothing',
  (time) => {
    const clock = new LamportClock();
    clock.increment();

    expect(clock.believes(time)).toBe(false);
    expect(clock.witness(time)).toBe(false);
    expect(clock.time).toBe(1);
  },
);

test('a clock that was pushed to the limit can still count exactly', () => {
  const clock = new LamportClock();

  clock.witness(highestLamportTime);

  expect(clock.increment()).toBe(highestLamportTime + 2);
  expect(Number.isSafeInteger(clock.time + 2 ** 31)).toBe(true);
});

test('clocks that were pushed to the limit go on together, and are not pushed far beyond (weakness 1)', () => {
  const [one, other] = [new LamportClock(), new LamportClock()];
  for (const clock of [one, other]) clock.witness(highestLamportTime);

  expect(one.witness(other.time)).toBe(true);
  expect(other.witness(one.time)).toBe(true);
  expect(one.witness(one.time + 1_024)).toBe(true);
  expect(one.witness(one.time + 1_025)).toBe(false);
  expect(one.witness(2 ** 53 - 1)).toBe(false);
});

test('a clock catches up with those who were pushed to the limit and counted on, but not with anything', () => {
  const clock = new LamportClock();
  const far = highestLamportTime + 5_000;
  expect(clock.witness(far)).toBe(false);

  expect(clock.catchUp(far)).toBe(true);
  expect(clock.time).toBe(far + 1);
  expect(clock.witness(far + 1_000)).toBe(true);
  expect(clock.catchUp(7)).toBe(true);
  for (const absurd of [farthestLamportTime + 1, 2 ** 53, -1, 1.5, Number.NaN, Infinity])
    expect(clock.catchUp(absurd)).toBe(false);
  expect(clock.time).toBe(far + 1_001);
});

test('whatever is witnessed, a clock never goes back and stays a whole number', () => {
  const anything = fc.oneof(fc.maxSafeNat(), fc.double(), fc.constantFrom(2 ** 64, -1));
  fc.assert(
    fc.property(fc.array(anything), (times) => {
      const clock = new LamportClock();
      for (const time of times) {
        const before = clock.time;
        const isBelieved = clock.witness(time);
        expect(clock.time).toBeGreaterThanOrEqual(before);
        expect(clock.time > time).toBe(isBelieved || before > time);
        expect(Number.isSafeInteger(clock.time)).toBe(true);
      }
    }),
  );
});
