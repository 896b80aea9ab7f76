export interface QueueLimits {
  readonly items: number;
  readonly bytes: number;
}

/** What is used up is cut off in bulk, so that a flood costs no shifting of the whole. */
const compactAt = 1_024;

/** A queue that keeps the newest: beyond its limits the oldest are dropped and counted. */
export class DroppingQueue<T> {
  readonly #limits: QueueLimits;
  readonly #weigh: (item: T) => number;
  #items: T[] = [];
  #start = 0;
  #bytes = 0;
  #dropped = 0;

  /** `weigh`: what an item holds, in bytes; the same each time that it is asked. */
  constructor(limits: QueueLimits, weigh: (item: T) => number) {
    this.#limits = limits;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#items.length - this.#start;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(item: T): void {
    this.#items.push(item);
    this.#bytes += this.#weigh(item);
    while (this.size > this.#limits.items || this.#bytes > this.#limits.bytes) {
      this.shift();
      this.#dropped += 1;
    }
  }

  /** The oldest. */
  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#start] as T; // the index is within
    this.#start += 1;
    this.#bytes -= this.#weigh(item);
    if (this.#start >= compactAt && this.#start * 2 >= this.#items.length) this.#compact();
    return item;
  }

  /** All of them, oldest first. */
  take(): readonly T[] {
    this.#compact();
    const taken = this.#items;
    this.#items = [];
    this.#bytes = 0;
    return taken;
  }

  #compact(): void {
    if (this.#start > 0) this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }
}
