import { after, type Timer } from '../delay.js';

/** A reader that falls behind costs one line, not one for each record: it is written when nothing was lost for so long. */
const quietMs = 1_000;

/** And every so often while it goes on. */
const longestMs = 10_000;

/** Counts what a queue drops, and tells the count now and then. */
export class DropReport {
  readonly #tell: (count: number) => void;
  #count = 0;
  #firstMs = 0;
  #lastMs = 0;
  #timer: Timer | undefined;

  /** `tell` is called from a turn of its own, as it logs, and logging may be what feeds the queue. */
  constructor(tell: (count: number) => void) {
    this.#tell = tell;
  }

  add(): void {
    this.#lastMs = performance.now();
    if (this.#count++ > 0) return;
    this.#firstMs = this.#lastMs;
    this.#schedule();
  }

  /** Tells what is still untold: there will be no more. */
  flush(): void {
    this.#timer?.cancel();
    const count = this.#count;
    this.#count = 0;
    if (count > 0) queueMicrotask(() => this.#tell(count));
  }

  /** One timer that looks again is cheaper than one for each of many. */
  #schedule(): void {
    const dueMs = Math.min(this.#lastMs + quietMs, this.#firstMs + longestMs);
    const leftMs = dueMs - performance.now();
    if (leftMs <= 0) this.flush();
    else this.#timer = after(leftMs, () => this.#schedule());
  }
}
