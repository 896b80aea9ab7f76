/**
 * Up to here a clock follows any jump; above it short ones only. A whole number must stay exact (below 2^53), and a
 * cluster whose clocks one forged message pushed to the limit must still have times for what its members send: each
 * accepts the next ones from the others, and no forger gets far with leaps of this size (spec/03 §24, 1).
 *
 * There is no other limit on how far one message may jump: members that run Serf follow every jump, and a node that
 * did not would find its own events dropped as old by all of them.
 */
export const highestLamportTime = 2 ** 53 - 2 ** 32;

/**
 * Up to here a clock follows what this node asked for by itself: the state of a member that it dialled, or its own
 * snapshot. A cluster that was pushed to the limit above counts on from there, and whoever joins it later must not stay
 * behind: it would hear nothing, and nobody would hear it.
 */
export const farthestLamportTime = 2 ** 53 - 2 ** 31;

/** How far above the own clock a time above the limit may lie: members are never further apart than a burst. */
const shortJump = 1_024;

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

  /** Whether a peer's Lamport time can be believed. */
  believes(seen: number): boolean {
    if (!Number.isSafeInteger(seen) || seen < 0) return false;
    return seen <= highestLamportTime || seen <= this.#time + shortJump;
  }

  /**
   * Learns that `seen` is taken: the clock moves past it, never back. Returns false, with nothing changed, for a time
   * that cannot be believed.
   */
  witness(seen: number): boolean {
    return this.believes(seen) && this.#pass(seen);
  }

  /**
   * As `witness`, for a time that this node asked for: it may lie further off. A stranger's packet cannot say it; a member
   * that lies when it is dialled can, and pushes the clock to the second limit.
   */
  catchUp(seen: number): boolean {
    const isNear = Number.isSafeInteger(seen) && seen >= 0 && seen <= farthestLamportTime;
    return isNear ? this.#pass(seen) : this.witness(seen);
  }

  #pass(seen: number): true {
    if (seen >= this.#time) this.#time = seen + 1;
    return true;
  }
}
