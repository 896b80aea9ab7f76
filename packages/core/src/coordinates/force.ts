import type { Random } from '../swim/random.js';
import { type Coordinate, lowestHeight, zeroThreshold } from './coordinate.js';
import { magnitude } from './distance.js';

/** A direction of length 1, and how far the two points are apart: 0 for points in one place. */
export interface Direction {
  readonly unit: readonly number[];
  readonly apart: number;
}

/** The direction to `one` from `other`; a random one when they are in one place, so that nodes part (spec/04 §4). */
export function direction(
  one: readonly number[],
  other: readonly number[],
  random: Random,
): Direction {
  const between = one.map((part, index) => part - (other[index] as number));
  const apart = magnitude(between);
  if (apart > zeroThreshold) return { unit: scaled(between, 1 / apart), apart };
  const anywhere = one.map(() => random() - 0.5);
  const length = magnitude(anywhere);
  if (length > zeroThreshold) return { unit: scaled(anywhere, 1 / length), apart: 0 };
  return { unit: one.map((_, index) => (index === 0 ? 1 : 0)), apart: 0 };
}

/** Moves a coordinate by `force` seconds away from `from`, or towards it when negative (spec/04 §4). */
export function pushed(
  moved: Coordinate,
  force: number,
  from: Coordinate,
  random: Random,
): Coordinate {
  const { unit, apart } = direction(moved.vec, from.vec, random);
  const vec = moved.vec.map((part, index) => part + (unit[index] as number) * force);
  if (apart <= zeroThreshold) return { ...moved, vec };
  const height = ((moved.height + from.height) * force) / apart + moved.height;
  return { ...moved, vec, height: Math.max(height, lowestHeight) };
}

/** By the reciprocal, not by division: the last digit differs. */
function scaled(vec: readonly number[], factor: number): number[] {
  return vec.map((part) => part * factor);
}
