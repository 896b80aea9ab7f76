/** What became of an item: kept as news, below the window, seen before, or without room in its slot. */
export type RingVerdict = 'new' | 'old' | 'known' | 'full';

export interface RingRules<Item> {
  readonly slots: number;
  /** What the items of one Lamport time may weigh together, in the unit of `weigh`. */
  readonly slotWeightLimit: number;
  weigh(item: Item): number;
  isSame(one: Item, other: Item): boolean;
}

/** Everything that is known of one Lamport time. */
export interface RingSlot<Item> {
  readonly ltime: number;
  readonly items: readonly Item[];
}

interface Slot<Item> {
  readonly ltime: number;
  readonly items: Item[];
  weight: number;
}

/**
 * Remembers the items of the most recent Lamport times, so that each is taken once (spec/03 §13.2 for events, §14.4 for
 * queries). Times within the window never share a slot: a slot that holds another time holds a past one.
 */
export class LamportRing<Item> {
  readonly #rules: RingRules<Item>;
  readonly #slots: (Slot<Item> | undefined)[];

  constructor(rules: RingRules<Item>) {
    this.#rules = rules;
    this.#slots = new Array<Slot<Item> | undefined>(rules.slots).fill(undefined);
  }

  /** `clockTime` is the clock after it witnessed `ltime`, so always later. */
  add(ltime: number, item: Item, clockTime: number): RingVerdict {
    const { slots, slotWeightLimit } = this.#rules;
    if (clockTime > slots && ltime < clockTime - slots) return 'old';
    const held = this.#slots[ltime % slots];
    const slot = held?.ltime === ltime ? held : { ltime, items: [], weight: 0 };
    if (slot.items.some((other) => this.#rules.isSame(other, item))) return 'known';
    const weight = slot.weight + this.#rules.weigh(item);
    // Refused, not exchanged for an older one: what is forgotten within the window would come round again.
    if (weight > slotWeightLimit) return 'full';
    slot.items.push(item);
    slot.weight = weight;
    this.#slots[ltime % slots] = slot;
    return 'new';
  }

  /** The filled slots, oldest Lamport time first. */
  filled(): RingSlot<Item>[] {
    return this.#slots.filter((slot) => slot !== undefined).sort((a, b) => a.ltime - b.ltime);
  }
}
