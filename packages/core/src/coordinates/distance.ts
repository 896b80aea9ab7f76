import type { Coordinate } from './coordinate.js';

const nanosecondsPerSecond = 1e9;
const nanosecondsPerMillisecond = 1e6;

/** Length of a vector. */
export function magnitude(vec: readonly number[]): number {
  let sum = 0;
  for (const part of vec) sum += part * part;
  return Math.sqrt(sum);
}

/** The way between two coordinates in seconds, without their adjustments (spec/04 §3). Their vectors are equally long. */
export function rawDistanceSeconds(one: Coordinate, other: Coordinate): number {
  const between = one.vec.map((part, index) => part - (other.vec[index] as number));
  return magnitude(between) + one.height + other.height;
}

/**
 * The estimated round trip between two nodes in whole nanoseconds, cut off, not rounded: the last digits of all
 * that is computed from it depend on that.
 */
export function distanceNanoseconds(one: Coordinate, other: Coordinate): number {
  const raw = rawDistanceSeconds(one, other);
  const adjusted = raw + one.adjustment + other.adjustment;
  return Math.trunc((adjusted > 0 ? adjusted : raw) * nanosecondsPerSecond);
}

/** As `distanceNanoseconds`, in seconds: what the rules of spec/04 §5 mean by a distance. */
export function distanceSeconds(one: Coordinate, other: Coordinate): number {
  return secondsOf(distanceNanoseconds(one, other));
}

/** The estimated round trip between two nodes in milliseconds; NaN when their vectors differ in length. */
export function distanceMs(one: Coordinate, other: Coordinate): number {
  if (one.vec.length !== other.vec.length) return Number.NaN;
  return secondsOf(distanceNanoseconds(one, other)) * 1_000;
}

/** Whole nanoseconds as seconds, by Go's steps: seconds and rest apart, which rounds differently from one division. */
export function secondsOf(nanoseconds: number): number {
  const rest = nanoseconds % nanosecondsPerSecond;
  return (nanoseconds - rest) / nanosecondsPerSecond + rest / nanosecondsPerSecond;
}

/** Milliseconds of a clock as whole nanoseconds. */
export function nanosecondsOf(milliseconds: number): number {
  return Math.round(milliseconds * nanosecondsPerMillisecond);
}
