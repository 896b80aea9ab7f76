/** How long events are gathered: until this long nothing came, but never longer than the period. */
export interface CoalescePeriods {
  readonly quietMs: number;
  readonly periodMs: number;
}

/** The agent's values (spec/03 §18.1): a restarting rack is a handful of events, not hundreds. */
export const agentPeriods: CoalescePeriods = { quietMs: 1_000, periodMs: 3_000 };

/** When gathered events are due. */
export class GatheringTime {
  readonly #periods: CoalescePeriods;
  #openedMs: number | undefined;
  #lastMs = 0;

  constructor(periods: CoalescePeriods) {
    this.#periods = periods;
  }

  /** An event was added to those that are held. */
  added(nowMs: number): void {
    this.#openedMs ??= nowMs;
    this.#lastMs = nowMs;
  }

  /** Nothing is held any more. */
  flushed(): void {
    this.#openedMs = undefined;
  }

  /** Undefined while nothing is held. */
  get dueMs(): number | undefined {
    if (this.#openedMs === undefined) return undefined;
    return Math.min(this.#openedMs + this.#periods.periodMs, this.#lastMs + this.#periods.quietMs);
  }
}
