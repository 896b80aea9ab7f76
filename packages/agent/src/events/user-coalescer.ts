import type { UserEvent } from '@tserf/core';
import { type CoalescePeriods, GatheringTime } from './coalesce-periods.js';

/** What may be held; beyond it everything is handed out at once, and nothing is lost. */
const heldLimit = { events: 16_384, bytes: 16 * 1_024 * 1_024 };

/** What an event costs beside its payload, so that a flood of empty ones is bounded too. */
const eventCostBytes = 64;

/**
 * Gathers user events whose senders allow it: of each name only those of the highest Lamport time are told (spec/03
 * §18.3). A push/pull that brings an old event of a name cannot push out a newer one.
 */
export class UserCoalescer {
  readonly #time: GatheringTime;
  readonly #limits: typeof heldLimit;
  readonly #newest = new Map<string, UserEvent[]>();
  #events = 0;
  #bytes = 0;

  constructor(periods: CoalescePeriods, limits: typeof heldLimit = heldLimit) {
    this.#time = new GatheringTime(periods);
    this.#limits = limits;
  }

  add(event: UserEvent, nowMs: number): void {
    this.#time.added(nowMs);
    const held = this.#newest.get(event.name);
    const heldTime = held?.[0]?.ltime ?? -1;
    if (event.ltime < heldTime) return;
    if (held !== undefined && event.ltime === heldTime) {
      held.push(event);
    } else {
      for (const old of held ?? []) this.#count(old, -1);
      // At the place of the newest: a name that is told again comes later.
      this.#newest.delete(event.name);
      this.#newest.set(event.name, [event]);
    }
    this.#count(event, 1);
  }

  #count(event: UserEvent, sign: 1 | -1): void {
    this.#events += sign;
    this.#bytes += sign * ((event.payload?.length ?? 0) + event.name.length + eventCostBytes);
  }

  /** When `flush` must be called, or undefined while nothing is held. */
  get dueMs(): number | undefined {
    const isFull = this.#events >= this.#limits.events || this.#bytes >= this.#limits.bytes;
    return isFull ? Number.NEGATIVE_INFINITY : this.#time.dueMs;
  }

  /** Hands out what is held, in the order in which it came. */
  flush(): UserEvent[] {
    const events = [...this.#newest.values()].flat();
    this.#newest.clear();
    this.#events = 0;
    this.#bytes = 0;
    this.#time.flushed();
    return events;
  }
}
