import type { Random } from './random.js';

/** A whole number from 0 to `below` - 1. */
export function randomIndex(below: number, random: Random): number {
  return Math.floor(random() * below);
}

/** Puts a list into a uniformly random order, in place (Fisher–Yates). */
export function shuffle<T>(list: T[], random: Random): void {
  for (let last = list.length - 1; last > 0; last -= 1) {
    swap(list, last, randomIndex(last + 1, random));
  }
}

/** Draws for each element that is wanted. Where most fit, hardly more than one is needed. */
const drawsEach = 4;

/**
 * At most `count` distinct elements that fit, fewer only where there are no more. Drawing costs nothing in a large list
 * of which most fit; what it does not find is looked for in the whole list. (spec/02 §13 gives up after many draws, and
 * so misses, now and then, the only one that fits.)
 */
export function choose<T>(
  count: number,
  list: readonly T[],
  fits: (element: T) => boolean,
  random: Random,
): T[] {
  if (list.length === 0) return [];
  const chosen: T[] = [];
  for (let draws = drawsEach * count; draws > 0 && chosen.length < count; draws -= 1) {
    const element = list[randomIndex(list.length, random)] as T;
    if (!chosen.includes(element) && fits(element)) chosen.push(element);
  }
  if (chosen.length === count) return chosen;
  const others = list.filter((element) => fits(element) && !chosen.includes(element));
  shuffle(others, random);
  return [...chosen, ...others.slice(0, count - chosen.length)];
}

export function swap<T>(list: T[], a: number, b: number): void {
  const kept = list[a] as T;
  list[a] = list[b] as T;
  list[b] = kept;
}
