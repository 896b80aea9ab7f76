export interface SuspicionBounds {
  readonly minMs: number;
  readonly maxMs: number;
  readonly confirmationsWanted: number;
}

/**
 * How long a suspect has to refute. Falls from `maxMs` to `minMs` as more members share the suspicion, on a log
 * scale, so that the first confirmations count most (Lifeguard §IV-B, "Local Health Aware Suspicion"; spec/02 §9).
 */
export function suspicionTimeoutMs(bounds: SuspicionBounds, confirmations: number): number {
  const { minMs, maxMs, confirmationsWanted } = bounds;
  if (confirmationsWanted < 1) return minMs;
  const share = Math.log(confirmations + 1) / Math.log(confirmationsWanted + 1);
  return Math.max(minMs, Math.floor(maxMs - share * (maxMs - minMs)));
}

/** One member under suspicion: since when, who shares it, and which of its timers counts. */
export class Suspicion {
  /** Timers name it, so that one of an earlier suspicion of the same member has no effect. */
  readonly id: number;
  /** The suspect's incarnation is looked up when it is over; this only tells one suspicion from the next. */
  readonly sinceMs: number;
  readonly #bounds: SuspicionBounds;
  /** At most one more than the confirmations wanted. */
  readonly #accusers = new Set<string>();
  #startMs: number;
  #arming = 1;

  constructor(id: number, bounds: SuspicionBounds, accuser: string, nowMs: number) {
    this.id = id;
    this.sinceMs = nowMs;
    this.#bounds = bounds;
    this.#startMs = nowMs;
    this.#accusers.add(accuser);
  }

  get confirmations(): number {
    return this.#accusers.size - 1;
  }

  /** Whether as many share it as are wanted before its shortest time. */
  get isConfirmed(): boolean {
    return this.confirmations >= this.#bounds.confirmationsWanted;
  }

  /** Counts up with every change of `dueMs`; a timer of an earlier arming is void. */
  get arming(): number {
    return this.#arming;
  }

  get dueMs(): number {
    return this.#startMs + suspicionTimeoutMs(this.#bounds, this.confirmations);
  }

  /** Takes one more accuser; false when that one is known or enough have spoken. */
  confirm(accuser: string): boolean {
    if (this.confirmations >= this.#bounds.confirmationsWanted) return false;
    if (this.#accusers.has(accuser)) return false;
    this.#accusers.add(accuser);
    this.#arming += 1;
    return true;
  }

  /** Time in which this node could not hear a refutation does not count against the suspect. */
  prolong(delayMs: number): void {
    this.#startMs += delayMs;
    this.#arming += 1;
  }
}
