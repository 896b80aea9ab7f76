import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Awareness } from '../../src/swim/awareness.js';

test('the score stays between 0 and one less than the multiplier', () => {
  const awareness = new Awareness(8);

  const scores = [0, -1, -10, 1, -1, 10].map((delta) => {
    awareness.apply(delta);
    return awareness.score;
  });

  expect(scores).toEqual([0, 0, 0, 1, 0, 7]);
});

test('each point makes a probe round one interval longer', () => {
  const awareness = new Awareness(8);
  expect(awareness.scaleMs(1_000)).toBe(1_000);

  awareness.apply(3);

  expect(awareness.scaleMs(1_000)).toBe(4_000);
});

test('no sequence of deltas leads out of the range', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 20 })), (deltas) => {
      const awareness = new Awareness(8);
      for (const delta of deltas) {
        awareness.apply(delta);
        expect(awareness.score).toBeGreaterThanOrEqual(0);
        expect(awareness.score).toBeLessThanOrEqual(7);
      }
    }),
  );
});
