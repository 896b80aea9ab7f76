/** Events that one slow reader may leave unread; beyond it the oldest are dropped and counted. */
const unreadLimit = 16_384;

/** One reader's events, as an async iterator. What happens before the first `next` is kept for it. */
export class EventStream<T> implements AsyncIterableIterator<T> {
  readonly #limit: number;
  readonly #left: (stream: EventStream<T>) => void;
  #unread: T[] = [];
  #start = 0;
  #waiting: {
    resolve: (result: IteratorResult<T>) => void;
    reject: (error: Error) => void;
  }[] = [];
  #end: { readonly error: Error | undefined } | undefined;
  dropped = 0;

  /** `left` is told when the reader stops by itself. */
  constructor(left: (stream: EventStream<T>) => void, limit: number = unreadLimit) {
    this.#left = left;
    this.#limit = limit;
  }

  push(event: T): void {
    if (this.#end !== undefined) return;
    const reader = this.#waiting.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: event });
      return;
    }
    this.#unread.push(event);
    if (this.#unread.length - this.#start <= this.#limit) return;
    this.#start += 1;
    this.dropped += 1;
    this.#compact();
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
    if (this.#start < this.#unread.length) {
      const value = this.#unread[this.#start] as T; // the index is within
      this.#start += 1;
      this.#compact();
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
    this.#unread = [];
    this.#start = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #compact(): void {
    if (this.#start < 1_024 && this.#start < this.#unread.length) return;
    this.#unread = this.#unread.slice(this.#start);
    this.#start = 0;
  }
}
