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

/**
 * At most `count` distinct elements that fit (spec/02 §13). A small list is searched to its end; in a large one drawing
 * is cheaper, and gives up after three times its length.
 */
export function choose<T>(
  count: number,
  list: readonly T[],
  fits: (element: T) => boolean,
  random: Random,
): T[] {
  if (list.length < 3 * count) {
    const copy = [...list];
    shuffle(copy, random);
    return copy.filter(fits).slice(0, count);
  }
  const chosen: T[] = [];
  for (let draws = 3 * list.length; draws > 0 && chosen.length < count; draws -= 1) {
    const element = list[randomIndex(list.length, random)] as T;
    if (fits(element) && !chosen.includes(element)) chosen.push(element);
  }
  return chosen;
}

export function swap<T>(list: T[], a: number, b: number): void {
  const kept = list[a] as T;
  list[a] = list[b] as T;
  list[b] = kept;
}
