import type { Unsigned64 } from '@tserf/client';
import type { HostQuery } from './host.js';

/** More than a client could answer. Beyond it the oldest number is forgotten. */
const limit = 4_096;

interface Pending {
  readonly query: number;
  /** By the clock that never steps. */
  readonly deadlineMs: number;
}

/** The queries that one connection was told of, by the numbers that it knows them by (spec/05 §9.1). */
export class PendingQueries {
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  /** Gives the query a number. One whose time is over gets one too, and cannot be answered. */
  add({ query, deadline }: HostQuery): number {
    const deadlineMs = performance.now() + (deadline - Date.now());
    this.#pending.set(++this.#lastId, { query, deadlineMs });
    if (this.#pending.size > limit) this.#pending.delete(this.#lastId - limit);
    return this.#lastId;
  }

  /** The host's handle of a query that can still be answered. */
  find(id: Unsigned64): number | undefined {
    const pending = this.#pending.get(Number(id));
    return pending !== undefined && performance.now() <= pending.deadlineMs
      ? pending.query
      : undefined;
  }
}
