import { after, type Timer } from '../delay.js';
import type { HostEvent } from '../rpc/host.js';
import { agentPeriods, type CoalescePeriods } from './coalesce-periods.js';
import { MemberCoalescer } from './member-coalescer.js';
import { UserCoalescer } from './user-coalescer.js';

export type HostEventListener = (event: HostEvent) => void;

/**
 * Takes events as the cluster reports them and hands them to every subscriber in turn (spec/07 §14): member events, and
 * user events that allow it, gathered; queries and other user events at once, so that these may overtake the former. A
 * subscriber never waits: whoever has much to do keeps a queue of its own.
 */
export class EventLoop {
  readonly #members: MemberCoalescer;
  readonly #users: UserCoalescer;
  readonly #listeners = new Set<HostEventListener>();
  #flush: Timer | undefined;

  constructor(periods: CoalescePeriods = agentPeriods) {
    this.#members = new MemberCoalescer(periods);
    this.#users = new UserCoalescer(periods);
  }

  subscribe(listener: HostEventListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  take(event: HostEvent): void {
    if ('members' in event) {
      this.#members.add(event, performance.now());
    } else if (event.type === 'user' && event.coalesce) {
      this.#users.add(event, performance.now());
      if (this.#users.dueMs === Number.NEGATIVE_INFINITY) this.#flushDue();
    } else {
      this.#tell(event);
    }
    this.#schedule();
  }

  /** What is still held is dropped, as Serf drops it when it ends. */
  stop(): void {
    this.#flush?.cancel();
    this.#listeners.clear();
  }

  #tell(event: HostEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #flushDue(): void {
    const nowMs = performance.now();
    for (const coalescer of [this.#members, this.#users]) {
      const isDue = (coalescer.dueMs ?? Number.POSITIVE_INFINITY) <= nowMs;
      for (const event of isDue ? coalescer.flush() : []) this.#tell(event);
    }
  }

  #schedule(): void {
    // Events in a stream move the due time; one timer that looks again is cheaper than one for each of them.
    if (this.#flush !== undefined) return;
    const dueMs = Math.min(
      this.#members.dueMs ?? Number.POSITIVE_INFINITY,
      this.#users.dueMs ?? Number.POSITIVE_INFINITY,
    );
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#flush = after(dueMs - performance.now(), () => {
      this.#flush = undefined;
      this.#flushDue();
      this.#schedule();
    });
  }
}
