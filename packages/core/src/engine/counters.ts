/**
 * What was refused or dropped, by name. Names are made of fixed words, never of what a peer sent, so there is only a
 * handful of them.
 */
export class Counters {
  readonly #counts = new Map<string, number>();

  add(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** All counts as decimal text, sorted by name. */
  asText(): Record<string, string> {
    const entries = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([name, count]) => [name, String(count)]));
  }
}
