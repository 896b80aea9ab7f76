import type { QueryRecord } from '@tserf/client';
import { after, type Timer } from '../delay.js';
import type { Feed } from './feed.js';
import type { HostQueryObserver } from './host.js';

/**
 * Between the last answer and the end of a query. Serf's command line takes answers and the end from separate queues:
 * of what comes in one piece with the end, it shows a random part (spec/05 §9.2).
 */
const pauseMs = 50;

/** What comes of one query, on its way to the client that asked. */
export class QueryRecords implements HostQueryObserver {
  readonly #feed: Feed<QueryRecord>;
  readonly #ended: () => void;
  #lastMs = Number.NEGATIVE_INFINITY;
  #pause: Timer | undefined;
  #endQuery: (() => void) | undefined;
  #isStopped = false;

  /** `feed` is held until the client has its answer. `ended` is called once, when the query needs nothing more. */
  constructor(feed: Feed<QueryRecord>, ended: () => void) {
    this.#feed = feed;
    this.#ended = ended;
  }

  /** The answer is queued: records may follow it. */
  start(): void {
    this.#feed.release();
  }

  /** `end` is called when nobody listens any more, so that the node does not go on collecting for nobody. */
  endBy(end: () => void): void {
    this.#endQuery = end;
    if (this.#isStopped) end();
  }

  ack(from: string): void {
    this.#give({ type: 'ack', from });
  }

  response(from: string, payload: Uint8Array | undefined): void {
    this.#give({ type: 'response', from, payload });
  }

  done(): void {
    // What ends the query on the node comes back as its end.
    if (this.#isStopped) return;
    this.#pause ??= after(this.#lastMs + pauseMs - performance.now(), () => {
      this.#feed.giveLast({ type: 'done' });
      this.#ended();
    });
  }

  /** Nobody listens any more. */
  stop(): void {
    this.#isStopped = true;
    this.#pause?.cancel();
    this.#feed.stop();
    this.#endQuery?.();
    this.#ended();
  }

  #give(record: QueryRecord): void {
    if (this.#pause !== undefined) return;
    this.#lastMs = performance.now();
    this.#feed.give(record);
  }
}
