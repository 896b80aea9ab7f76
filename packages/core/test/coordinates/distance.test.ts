import { expect, test } from 'vitest';
import type { Coordinate } from '../../src/coordinates/coordinate.js';
import {
  distanceMs,
  distanceNanoseconds,
  magnitude,
  rawDistanceSeconds,
  secondsOf,
} from '../../src/coordinates/distance.js';

const a: Coordinate = { vec: [-0.5, 1.3, 2.4], error: 1.5, adjustment: 0, height: 0 };
const b: Coordinate = { vec: [1.2, -2.3, 3.4], error: 1.5, adjustment: 0, height: 0 };

test.each([
  ['heights and adjustments of 0', a, b, 4.104875150354758, 4_104_875_150],
  [
    'an adjustment that leaves nothing',
    { ...a, adjustment: -1e6 },
    b,
    4.104875150354758,
    4_104_875_150,
  ],
  [
    'adjustments',
    { ...a, adjustment: 0.1 },
    { ...b, adjustment: 0.2 },
    4.104875150354758,
    4_404_875_150,
  ],
  [
    'adjustments and heights',
    { ...a, adjustment: 0.1, height: 0.7 },
    { ...b, adjustment: 0.2, height: 0.1 },
    4.904875150354758,
    5_204_875_150,
  ],
] as const)('the distance with %s (spec/04 §9.2)', (_, one, other, raw, nanoseconds) => {
  expect(rawDistanceSeconds(one, other)).toBe(raw);
  expect(distanceNanoseconds(one, other)).toBe(nanoseconds);
});

test('a distance is cut to nanoseconds, not rounded', () => {
  const pa = { vec: [0.01, 0.02, 0, 0, 0, 0, 0, 0], error: 0.5, adjustment: 5e-4, height: 0.001 };
  const pb = { vec: [-0.03, 0, 0.04, 0, 0, 0, 0, 0], error: 0.2, adjustment: -2e-4, height: 0.002 };

  expect(distanceNanoseconds(pa, pb)).toBe(63_299_999);
});

test('two real agents are 505597 ns apart, which Serf prints as 0.506 ms', () => {
  const one: Coordinate = {
    adjustment: 3.891173040846933e-5,
    error: 0.9748064551572915,
    height: 6.589869720595586e-5,
    vec: [
      -5.686490681159472e-5, -4.287645879259028e-5, -8.650115139276581e-5, 8.063977596269676e-5,
      -6.157993078697109e-5, -5.995794459046699e-5, -9.3865170738283e-5, -7.252276823887072e-5,
    ],
  };
  const other: Coordinate = {
    adjustment: 2.9599636846722827e-5,
    error: 1.014371902858562,
    height: 2.9102814799373477e-5,
    vec: [
      3.977870594845552e-5, 2.9993367474819365e-5, 6.051014691461812e-5, -5.640993919848276e-5,
      4.307700647812721e-5, 4.1942378540074665e-5, 6.566149906779419e-5, 5.073184911566243e-5,
    ],
  };

  expect(distanceNanoseconds(one, other)).toBe(505_597);
  expect(distanceMs(one, other).toFixed(3)).toBe('0.506');
});

test('coordinates of different dimensions have no distance', () => {
  expect(distanceMs(a, { ...b, vec: [1, 2] })).toBeNaN();
});

test('the magnitude of a vector', () => {
  expect(magnitude([1, -2, 3])).toBe(3.7416573867739413);
});

test('nanoseconds become seconds by way of the whole seconds', () => {
  expect(secondsOf(10_000_000_000)).toBe(10);
  expect(secondsOf(3_000_000_007)).toBe(3 + 7 / 1e9);
});
