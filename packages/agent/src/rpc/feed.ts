import { MsgpackWriter } from '@tserf/core/msgpack';
import type { Outbox } from './outbox.js';

/** As many records as Serf queues for one stream or monitor. */
const serfLimit = 512;

/** Records that wait together go out together, up to about this size. */
const batchBytes = 16 * 1024;

export interface FeedOptions<T> {
  readonly outbox: Outbox;
  /** More than this are not queued. */
  readonly limit?: number;
  /** Nothing goes out before `release`. */
  readonly isHeld?: boolean;
  /** Appends a record, header and body. */
  write(writer: MsgpackWriter, record: T): void;
  /**
   * Told of dropped records: once when it begins, and again with their number when the client has caught up or the
   * feed ends. Called from a turn of its own, as it logs, and logging may be what feeds.
   */
  dropping(count: number | undefined): void;
}

/**
 * Records on their way to one client. Giving never waits: when the limit is reached, by itself 512, the newest is
 * dropped and counted (spec/05 §11).
 */
export class Feed<T> {
  readonly #options: FeedOptions<T>;
  readonly #writer = new MsgpackWriter('rpc');
  #queue: T[] = [];
  /** Also while it is held: somebody else starts what goes out. */
  #isPumping: boolean;
  #isStopped = false;
  #dropped = 0;

  constructor(options: FeedOptions<T>) {
    this.#options = options;
    this.#isPumping = options.isHeld ?? false;
  }

  give(record: T): void {
    if (this.#isStopped) return;
    if (this.#queue.length >= (this.#options.limit ?? serfLimit)) {
      if (this.#dropped++ === 0) this.#tell(undefined);
      return;
    }
    this.#add(record);
  }

  /** Gives what must not be dropped, however much is queued. */
  giveLast(record: T): void {
    if (!this.#isStopped) this.#add(record);
  }

  /** What was given to a held feed goes out from now on. */
  release(): void {
    void this.#pump();
  }

  /** Forgets what is queued. */
  stop(): void {
    this.#isStopped = true;
    this.#queue = [];
    this.#caughtUp();
  }

  #add(record: T): void {
    this.#queue.push(record);
    if (this.#isPumping) return;
    this.#isPumping = true;
    // What is given in this turn goes out in one piece.
    queueMicrotask(() => void this.#pump());
  }

  async #pump(): Promise<void> {
    while (this.#queue.length > 0) await this.#options.outbox.send(this.#nextBatch());
    this.#isPumping = false;
    this.#caughtUp();
  }

  #nextBatch(): Uint8Array {
    let taken = 0;
    for (const record of this.#queue) {
      this.#options.write(this.#writer, record);
      taken++;
      if (this.#writer.length >= batchBytes) break;
    }
    this.#queue.splice(0, taken);
    return this.#writer.finish();
  }

  #caughtUp(): void {
    if (this.#dropped > 0) this.#tell(this.#dropped);
    this.#dropped = 0;
  }

  #tell(count: number | undefined): void {
    queueMicrotask(() => this.#options.dropping(count));
  }
}
