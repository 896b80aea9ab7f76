import { expect, test } from 'vitest';
import { type Coordinate, originOf } from '../../src/coordinates/coordinate.js';
import { magnitude } from '../../src/coordinates/distance.js';
import { direction, pushed } from '../../src/coordinates/force.js';

const start = originOf(3);
const at = (...vec: readonly number[]): Coordinate => ({ ...start, vec, height: 0 });
const half = () => 0.5;

test('the direction between two points has length 1, and their distance (spec/04 §9.2)', () => {
  expect(direction([1, 2, 3], [0.5, 0.6, 0.7], half)).toEqual({
    unit: [0.18257418583505536, 0.511207720338155, 0.8398412548412546],
    apart: 2.7386127875258306,
  });
});

test('points in one place part in a random direction', () => {
  const draws = [0.1, 0.9, 0.3];
  const { unit, apart } = direction([1, 2, 3], [1, 2, 3], () => draws.shift() ?? 0);

  expect(apart).toBe(0);
  expect(magnitude(unit)).toBeCloseTo(1, 12);
  expect(unit[0]).toBeLessThan(0);
});

test('a random direction that is none becomes the first axis', () => {
  expect(direction([1, 2, 3], [1, 2, 3], half)).toEqual({ unit: [1, 0, 0], apart: 0 });
});

test.each([
  ['away', at(0, 0, 0), 5.3, at(0, 0, 2.9), [0, 0, -5.3]],
  ['sideways', at(0, 0, -5.3), 2, at(3.4, 0, -5.3), [-2, 0, -5.3]],
  ['towards it', at(0, 0, 0), -5.3, at(0, 0, 2.9), [0, 0, 5.3]],
] as const)('a force moves %s', (_, moved, force, from, vec) => {
  pushed(moved, force, from, half).vec.forEach((part, index) => {
    expect(part).toBeCloseTo(vec[index] as number, 12);
  });
});

test('a force in one place moves by its length, and leaves the height', () => {
  const result = pushed(start, 1, start, () => 0.9);

  expect(magnitude(result.vec)).toBeCloseTo(1, 12);
  expect(result.height).toBe(start.height);
});

test('a push raises the height, a pull does not lower it below its floor', () => {
  expect(pushed(start, 5.3, at(0, 0, 2.9), half).height).toBe(2.8275862068965518e-5);
  expect(pushed(start, -5.3, at(0, 0, 2.9), half).height).toBe(1e-5);
});
