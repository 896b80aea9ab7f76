import { MsgpackWriter } from '@tserf/core/msgpack';
import { DropReport } from './drop-report.js';
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
  /** Told how many records were dropped since it was told last (see `DropReport`). */
  dropped(count: number): void;
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
  readonly #drops: DropReport;

  constructor(options: FeedOptions<T>) {
    this.#options = options;
    this.#isPumping = options.isHeld ?? false;
    this.#drops = new DropReport((count) => options.dropped(count));
  }

  give(record: T): void {
    if (this.#isStopped) return;
    if (this.#isFull) this.#drops.add();
    else this.#add(record);
  }

  /** Gives what nobody misses: it is not counted when it is dropped. */
  offer(record: T): void {
    if (!this.#isStopped && !this.#isFull) this.#add(record);
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
    this.#drops.flush();
  }

  get #isFull(): boolean {
    return this.#queue.length >= (this.#options.limit ?? serfLimit);
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
}
