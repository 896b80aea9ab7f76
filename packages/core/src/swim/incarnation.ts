/**
 * The highest incarnation that is ever announced. 2^32 - 1 is left out: whoever refuted it would wrap to 0 and could
 * not be revived at its peers (spec/02 §7).
 */
const maxIncarnation = 0xffff_fffe;

/** Whether a peer may say this number. */
export function isIncarnation(incarnation: number): boolean {
  return incarnation > 0 && incarnation <= maxIncarnation;
}

/** This node's own version number: it starts at 1, only rises, and stays at its highest value. */
export class IncarnationCounter {
  #value = 0;

  next(): number {
    return this.above(0);
  }

  /** The next one that is higher than what others claim. */
  above(claimed: number): number {
    this.#value = Math.min(maxIncarnation, Math.max(this.#value, claimed) + 1);
    return this.#value;
  }
}
