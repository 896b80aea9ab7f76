import type { CoordinateRecord } from '@tserf/client';

const NANOSECONDS = 1e9;

/**
 * The round trip between two nodes that their coordinates let expect, in whole nanoseconds as Serf computes it
 * (spec/06 §4.12); `undefined` when the two do not belong to one space. A node against itself is not at zero.
 */
export function estimateRttNanoseconds(
  a: CoordinateRecord,
  b: CoordinateRecord,
): number | undefined {
  if (a.vector.length !== b.vector.length) return undefined;
  let squares = 0;
  for (const [index, value] of a.vector.entries()) {
    const difference = value - (b.vector[index] ?? 0);
    squares += difference * difference;
  }
  const seconds = Math.sqrt(squares) + a.height + b.height;
  const adjusted = seconds + a.adjustment + b.adjustment;
  return Math.trunc((adjusted > 0 ? adjusted : seconds) * NANOSECONDS);
}

/** Milliseconds with three decimals: `0.449`. */
export function formatMilliseconds(nanoseconds: number): string {
  return (nanoseconds / 1e6).toFixed(3);
}
