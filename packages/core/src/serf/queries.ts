import type { QueryMessage } from '../wire/serf-messages.js';
import { LamportClock } from './lamport-clock.js';
import { LamportRing } from './lamport-ring.js';

/** Queries of this many Lamport times are remembered (spec/03 §14.4). */
const bufferSlots = 512;

/** Queries that may share one Lamport time. */
const slotLimit = 1_024;

/** Bit of `flags`: the query reaches its receivers directly and is not to be passed on. */
const noBroadcast = 2;

/** The queries that this node heard of: each is taken once (spec/03 §14.4). */
export class Queries {
  readonly clock = new LamportClock();
  readonly #refuse: (detail: string) => void;
  readonly #ring = new LamportRing<number>({
    slots: bufferSlots,
    slotWeightLimit: slotLimit,
    weigh: () => 1,
    isSame: (one, other) => one === other,
  });

  /** `refuse` counts and reports a message that cannot be believed. */
  constructor(refuse: (detail: string) => void) {
    this.#refuse = refuse;
  }

  /** Takes a query from gossip; true means that it was news and is to be passed on. */
  receive(query: Pick<QueryMessage, 'ltime' | 'id' | 'flags'>): boolean {
    const { ltime, id, flags } = query;
    if (!this.clock.witness(ltime)) {
      this.#refuse(`the Lamport time ${ltime} is out of range`);
      return false;
    }
    const verdict = this.#ring.add(ltime, id, this.clock.time);
    if (verdict === 'full') this.#refuse(`too many queries at the Lamport time ${ltime}`);
    return verdict === 'new' && (flags & noBroadcast) === 0;
  }
}
