/**
 * Times above this are refused wherever they come from: a whole number must stay exact (below 2^53), and a clock that
 * was pushed to the limit must still have room for what this node sends itself. One forged message can then not wrap
 * or freeze the order of events (spec/03 §24, 1).
 *
 * There is no second limit on how far one message may jump: members that run Serf follow every jump, and a node that
 * did not would find its own events dropped as old by all of them.
 */
export const highestLamportTime = 2 ** 53 - 2 ** 32;

/** Whether a peer's Lamport time can be believed. */
export function isLamportTime(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= highestLamportTime;
}

/** Logical time: orders what different members say without comparing their wall clocks (spec/03 §6). */
export class LamportClock {
  #time = 0;

  /** What the next message made here will carry. */
  get time(): number {
    return this.#time;
  }

  /** Moves on by one and returns the new time. */
  increment(): number {
    this.#time += 1;
    return this.#time;
  }

  /**
   * Learns that `seen` is taken: the clock moves past it, never back. Returns false, with nothing changed, for a time
   * that cannot be believed.
   */
  witness(seen: number): boolean {
    if (!isLamportTime(seen)) return false;
    if (seen >= this.#time) this.#time = seen + 1;
    return true;
  }
}
