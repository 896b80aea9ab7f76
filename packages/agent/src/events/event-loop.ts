import type { MemberEvent } from '@tserf/core';
import { after, type Timer } from '../delay.js';
import { agentPeriods, type CoalescePeriods, MemberCoalescer } from './member-coalescer.js';

export type MemberEventListener = (event: MemberEvent) => void;

/**
 * Takes events as the cluster reports them and hands them, gathered, to every subscriber in turn (spec/07 §14). A
 * subscriber never waits: whoever has much to do keeps a queue of its own.
 */
export class EventLoop {
  readonly #coalescer: MemberCoalescer;
  readonly #listeners = new Set<MemberEventListener>();
  #flush: Timer | undefined;

  constructor(periods: CoalescePeriods = agentPeriods) {
    this.#coalescer = new MemberCoalescer(periods);
  }

  subscribe(listener: MemberEventListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  take(event: MemberEvent): void {
    this.#coalescer.add(event, performance.now());
    this.#schedule();
  }

  /** What is still held is dropped, as Serf drops it when it ends. */
  stop(): void {
    this.#flush?.cancel();
    this.#listeners.clear();
  }

  #schedule(): void {
    // Events in a stream move the due time; one timer that looks again is cheaper than one for each of them.
    if (this.#flush !== undefined) return;
    const dueMs = this.#coalescer.dueMs;
    if (dueMs === undefined) return;
    this.#flush = after(dueMs - performance.now(), () => {
      this.#flush = undefined;
      const isDue = (this.#coalescer.dueMs ?? Number.POSITIVE_INFINITY) <= performance.now();
      for (const event of isDue ? this.#coalescer.flush() : []) {
        for (const listener of this.#listeners) listener(event);
      }
      this.#schedule();
    });
  }
}
