/** So many slips make another word. */
const mostSlips = 3;

/** The one of `words` that was probably meant by `typed`, whatever its case, or undefined when none is near. */
export function nearestWord(typed: string, words: readonly string[]): string | undefined {
  // Two slips in a short word make another word; in a long one they don't.
  let allowed = Math.min(mostSlips, Math.floor(typed.length / 3));
  let nearest: string | undefined;
  for (const word of words) {
    const distance = editDistance(typed.toLowerCase(), word.toLowerCase());
    if (distance > allowed) continue;
    nearest = word;
    allowed = distance - 1;
  }
  return nearest;
}

/** How many letters were added, dropped, changed or swapped with their neighbour. */
function editDistance(from: string, to: string): number {
  // A word longer than every known one is near to none, whatever its length.
  if (Math.abs(from.length - to.length) > mostSlips) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const changed = (last[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      current.push(
        Math.min(changed, swapped, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1),
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
