import type { RpcError } from './rpc-error.js';

/** Records kept for a reader that is slower than the agent; what comes beyond is dropped and counted. */
const queueLimit = 8_192;

/**
 * Records that an agent pushes, to be read with `for await`. Leaving the loop stops the stream. It ends by itself when
 * it is stopped or the client is closed, and throws an RpcError when the connection is lost. One reader at a time.
 */
export class RecordStream<T> implements AsyncIterable<T>, AsyncDisposable {
  readonly #unsubscribe: () => Promise<void>;
  #records: T[] = [];
  #dropped = 0;
  #end: { readonly error: RpcError | undefined } | undefined;
  #wake = () => {};

  /** @internal `unsubscribe` tells the agent to stop. */
  constructor(unsubscribe: () => Promise<void>) {
    this.#unsubscribe = unsubscribe;
  }

  /** How many records were thrown away because nobody read them in time. */
  get dropped(): number {
    return this.#dropped;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      while (this.#end === undefined || this.#records.length > 0) {
        const batch = this.#records;
        this.#records = [];
        yield* batch;
        if (this.#records.length === 0 && this.#end === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
      if (this.#end.error !== undefined) throw this.#end.error;
    } finally {
      await this.stop();
    }
  }

  /** Tells the agent to stop, and ends the stream. Stopping twice is harmless. */
  async stop(): Promise<void> {
    if (this.#end !== undefined) return;
    this.finish(undefined);
    await this.#unsubscribe();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** @internal Hands over what the agent pushed. */
  push(record: T): void {
    if (this.#end !== undefined) return;
    if (this.#records.length >= queueLimit) this.#dropped++;
    else this.#records.push(record);
    this.#wake();
  }

  /** @internal Nothing more will come. What is queued can still be read. */
  finish(error: RpcError | undefined): void {
    this.#end ??= { error };
    this.#wake();
  }
}
