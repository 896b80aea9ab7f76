import { DroppingQueue, type QueueLimits } from '../engine/dropping-queue.js';

/** Events that one slow reader may leave unread; beyond it the oldest are dropped and counted. */
const unreadLimits: QueueLimits = { items: 16_384, bytes: 64 * 1_024 * 1_024 };

/** One reader's events, as an async iterator. What happens before the first `next` is kept for it. */
export class EventStream<T> implements AsyncIterableIterator<T> {
  readonly #left: (stream: EventStream<T>) => void;
  readonly #unread: DroppingQueue<T>;
  #waiting: {
    resolve: (result: IteratorResult<T>) => void;
    reject: (error: Error) => void;
  }[] = [];
  #end: { readonly error: Error | undefined } | undefined;

  /** `left` is told when the reader stops by itself; `weigh` says what an event holds, in bytes. */
  constructor(
    left: (stream: EventStream<T>) => void,
    weigh: (event: T) => number,
    limits: QueueLimits = unreadLimits,
  ) {
    this.#left = left;
    this.#unread = new DroppingQueue(limits, weigh);
  }

  get dropped(): number {
    return this.#unread.dropped;
  }

  push(event: T): void {
    if (this.#end !== undefined) return;
    const reader = this.#waiting.shift();
    if (reader === undefined) this.#unread.add(event);
    else reader.resolve({ done: false, value: event });
  }

  /** No more events: what is unread can still be read, then the iteration ends, or throws. */
  end(error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (error === undefined) resolve({ done: true, value: undefined });
      else reject(error);
    }
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#unread.size > 0) {
      const value = this.#unread.shift() as T; // there is one
      return Promise.resolve({ done: false, value });
    }
    if (this.#end === undefined) {
      return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }
    const { error } = this.#end;
    return error === undefined
      ? Promise.resolve({ done: true, value: undefined })
      : Promise.reject(error);
  }

  return(): Promise<IteratorResult<T>> {
    this.#left(this);
    this.#unread.take();
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
