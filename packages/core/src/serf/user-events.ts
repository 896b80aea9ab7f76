import type { EventGroup, UserEventMessage } from '../wire/serf-messages.js';
import { isLamportTime, LamportClock } from './lamport-clock.js';
import { LamportRing } from './lamport-ring.js';
import { isSameBytes } from './member-record.js';

/** Events of this many Lamport times are remembered (spec/03 §13.2). */
const bufferSlots = 512;

/** The largest name and payload together, in bytes, that any member may send (spec/03 §13.1). */
export const userEventLimitBytes = 9_216;

/** What one Lamport time may keep: many members may send at the same logical moment, but not without end. */
const slotLimitBytes = 64 * 1_024;

/** What an event costs beside its name and payload, so that a flood of empty ones is bounded too. */
const eventCostBytes = 32;

/** What a push/pull carries of the events: the newest that fit. A stream that grows too long is refused whole. */
const stateLimitBytes = 4 * 1_024 * 1_024;

type KeptEvent = EventGroup['events'][number];

/** The user events that this node heard of: each is taken once, and kept for those who join later (spec/03 §13). */
export class UserEvents {
  readonly clock = new LamportClock();
  readonly #refuse: (detail: string) => void;
  readonly #ring = new LamportRing<KeptEvent>({
    slots: bufferSlots,
    slotWeightLimit: slotLimitBytes,
    weigh: (event) => sizeOf(event) + eventCostBytes,
    isSame,
  });

  /** `refuse` counts and reports a message that cannot be believed. */
  constructor(refuse: (detail: string) => void) {
    this.#refuse = refuse;
  }

  /** Takes an event from gossip or a push/pull; true means that it was news. */
  receive(event: Pick<UserEventMessage, 'ltime' | 'name' | 'payload'>): boolean {
    const { ltime, name, payload } = event;
    if (!isLamportTime(ltime)) this.#refuse(`the Lamport time ${ltime} is out of range`);
    if (!this.clock.witness(ltime)) return false;
    if (sizeOf(event) > userEventLimitBytes) {
      this.#refuse(`a user event has ${sizeOf(event)} bytes, more than ${userEventLimitBytes}`);
      return false;
    }
    const verdict = this.#ring.add(ltime, { name, payload }, this.clock.time);
    if (verdict === 'full') this.#refuse(`too many user events at the Lamport time ${ltime}`);
    return verdict === 'new';
  }

  /**
   * What a push/pull carries: filled slots only, which every version takes, oldest first, so that a receiver
   * delivers them in the order of their Lamport times (spec/03 §16.1, §24, 21).
   */
  groups(): EventGroup[] {
    const groups: EventGroup[] = [];
    let bytes = 0;
    for (const { ltime, items } of this.#ring.filled().reverse()) {
      bytes += items.reduce((sum, event) => sum + sizeOf(event) + eventCostBytes, 0);
      if (bytes > stateLimitBytes) break;
      groups.push({ ltime, events: items });
    }
    return groups.reverse();
  }
}

/** Letters count for their bytes: exact for ASCII, a lower bound for the rest. */
function sizeOf(event: Pick<KeptEvent, 'name' | 'payload'>): number {
  return event.name.length + (event.payload?.length ?? 0);
}

/** An absent payload and an empty one are the same. */
function isSame(one: KeptEvent, other: KeptEvent): boolean {
  return one.name === other.name && isSameBytes(one.payload ?? nothing, other.payload ?? nothing);
}

const nothing = new Uint8Array();
