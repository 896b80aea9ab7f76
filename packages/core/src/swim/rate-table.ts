export interface RateTableOptions {
  /** The shortest time between two of one key. */
  readonly intervalMs: number;
  /** Keys remembered at most; beyond it the one that spoke longest ago is forgotten. */
  readonly limit: number;
}

/** Lets each key through once per interval, and never remembers more than so many. */
export class RateTable {
  readonly #options: RateTableOptions;
  /** In the order of their last time, the oldest first. */
  readonly #lastMs = new Map<string, number>();

  constructor(options: RateTableOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#lastMs.size;
  }

  allows(key: string, nowMs: number): boolean {
    const lastMs = this.#lastMs.get(key);
    if (lastMs !== undefined && nowMs - lastMs < this.#options.intervalMs) return false;
    this.#lastMs.delete(key);
    this.#lastMs.set(key, nowMs);
    if (this.#lastMs.size > this.#options.limit) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    for (const key of this.#lastMs.keys()) {
      this.#lastMs.delete(key);
      return;
    }
  }
}
