/** The newest intent for a name that is not a member (yet, or any more). */
export interface RecentIntent {
  readonly kind: 'join' | 'leave';
  readonly ltime: number;
  readonly heardMs: number;
}

/**
 * Join and leave intents that came before their member did: gossip promises no order (spec/03 §8.1). One for each name.
 * It also remembers which intents were passed on already, so that each spreads once.
 */
export class RecentIntents {
  readonly #limit: number;
  readonly #byNode = new Map<string, RecentIntent>();
  #refused = 0;

  /** Holds at most `limit` names. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#byNode.size;
  }

  /** Intents that found no room. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Keeps an intent that is newer than the one held for its name; true means that it was news. A full buffer refuses
   * new names instead of forgetting old ones: what is forgotten would spread again, without end.
   */
  upsert(node: string, kind: RecentIntent['kind'], ltime: number, nowMs: number): boolean {
    const held = this.#byNode.get(node);
    if (held !== undefined && ltime <= held.ltime) return false;
    if (held === undefined && this.#byNode.size >= this.#limit) {
      this.#refused += 1;
      return false;
    }
    this.#byNode.set(node, { kind, ltime, heardMs: nowMs });
    return true;
  }

  find(node: string): RecentIntent | undefined {
    return this.#byNode.get(node);
  }

  /** Drops what is older than `timeoutMs`; exactly as old is kept. */
  expire(nowMs: number, timeoutMs: number): void {
    for (const [node, intent] of this.#byNode) {
      if (nowMs - intent.heardMs > timeoutMs) this.#byNode.delete(node);
    }
  }
}
