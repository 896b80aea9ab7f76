import type { RpcError } from './rpc-error.js';

/** Records kept for a reader that is slower than the agent; what comes beyond is dropped and counted. */
const defaultLimit = 8_192;

/**
 * Records that an agent pushes, to be read with `for await`. Leaving the loop stops the stream. It ends by itself when
 * it is stopped or the client is closed, and throws an RpcError when the connection is lost. One reader at a time.
 */
export class RecordStream<T> implements AsyncIterable<T>, AsyncDisposable {
  readonly #limit: number;
  #unsubscribe: () => Promise<void> = async () => {};
  #records: T[] = [];
  #dropped = 0;
  #gaps = 0;
  #end: { readonly error: RpcError | undefined } | undefined;
  #wake = () => {};

  /** @internal */
  constructor(limit = defaultLimit) {
    this.#limit = limit;
  }

  /** How many records were thrown away because nobody read them in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How often the connection was lost and made again: each time, records that nobody counted are missing. */
  get gaps(): number {
    return this.#gaps;
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

  /** @internal How the agent is told to stop. */
  whenStopped(unsubscribe: () => Promise<void>): void {
    this.#unsubscribe = unsubscribe;
  }

  /** @internal Records are missing from here on. */
  gap(): void {
    this.#gaps++;
  }

  /** @internal Hands over what the agent pushed. */
  push(record: T): void {
    if (this.#end !== undefined) return;
    if (this.#records.length >= this.#limit) this.#dropped++;
    else this.#records.push(record);
    this.#wake();
  }

  /** @internal Nothing more will come. What is queued can still be read. */
  finish(error: RpcError | undefined): void {
    this.#end ??= { error };
    this.#wake();
  }
}
