/**
 * Recognises from late timers that this process stood still (spec/02 §10, "Stalls"). One stall makes many timers late;
 * it is told apart from the next by what was due before it was noticed.
 */
export class Stalls {
  readonly #thresholdMs: number;
  #noticedMs = Number.NEGATIVE_INFINITY;
  #lateMs = 0;

  constructor(thresholdMs: number) {
    this.#thresholdMs = thresholdMs;
  }

  isStall(dueMs: number, nowMs: number): boolean {
    return nowMs - dueMs > this.#thresholdMs;
  }

  /** The delay that this timer makes known and that no earlier one did; 0 for none. */
  notice(dueMs: number, nowMs: number): { readonly delayMs: number; readonly isNew: boolean } {
    if (!this.isStall(dueMs, nowMs)) return { delayMs: 0, isNew: false };
    const isNew = dueMs > this.#noticedMs;
    const knownMs = isNew ? 0 : this.#lateMs;
    const lateMs = nowMs - dueMs;
    this.#noticedMs = nowMs;
    this.#lateMs = Math.max(knownMs, lateMs);
    return { delayMs: Math.max(0, lateMs - knownMs), isNew };
  }
}
