/** Round trips kept for each peer: one that was slow by accident is outvoted (spec/04 §5, 4). */
const kept = 3;

/** The median of the latest round trips of each peer. */
export class LatencyFilter {
  readonly #latest = new Map<string, number[]>();

  /** Takes a round trip in seconds, and gives the one to believe; of two, the larger. */
  add(peer: string, rttSeconds: number): number {
    const latest = [...(this.#latest.get(peer) ?? []), rttSeconds].slice(-kept);
    this.#latest.set(peer, latest);
    const sorted = latest.toSorted((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] as number;
  }

  forget(peer: string): void {
    this.#latest.delete(peer);
  }

  clear(): void {
    this.#latest.clear();
  }
}
