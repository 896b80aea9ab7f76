import type { SwimState } from './state.js';

/**
 * The grid of a loop that runs every interval. Its phase is random, so that members that were started together don't
 * act together for ever (spec/02 §2). An interval of 0 means that the loop never runs.
 */
export class LoopClock {
  readonly #state: SwimState;
  readonly #timer: 'probeTick' | 'gossipTick';
  readonly #intervalMs: number;
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(state: SwimState, timer: 'probeTick' | 'gossipTick', intervalMs: number) {
    this.#state = state;
    this.#timer = timer;
    this.#intervalMs = intervalMs;
  }

  /** When the next tick is, or the one that is being handled was, to come. */
  get dueMs(): number {
    return this.#dueMs;
  }

  start(): void {
    if (this.#intervalMs <= 0) return;
    this.#scheduleAt(this.#state.nowMs + this.#intervalMs * this.#state.random());
  }

  /** Arms the next point of the grid. Points that passed unseen are left out. */
  advance(): void {
    const passed = Math.floor((this.#state.nowMs - this.#dueMs) / this.#intervalMs);
    this.#scheduleAt(this.#dueMs + this.#intervalMs * (Math.max(0, passed) + 1));
  }

  #scheduleAt(atMs: number): void {
    this.#dueMs = atMs;
    this.#state.schedule({ type: this.#timer }, atMs);
  }
}
