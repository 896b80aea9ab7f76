/** As much as one client may have under way. Beyond it, it waits. */
const limit = 256;

/** Work that overlaps, and whose results come out in the order in which it began. */
export class InOrder {
  #last: Promise<void> = Promise.resolve();
  #count = 0;

  get isFull(): boolean {
    return this.#count >= limit;
  }

  /** Resolves when all that was added so far is finished. */
  get settled(): Promise<void> {
    return this.#last;
  }

  /** `finish` is called when the work is done and all before it is finished. */
  add<T>(work: T | Promise<T>, finish: (result: T) => Promise<void>): void {
    this.#count++;
    const before = this.#last;
    this.#last = (async () => {
      const result = await work;
      await before;
      await finish(result);
      this.#count--;
    })();
  }
}
