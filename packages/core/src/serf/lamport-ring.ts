/** What became of an item: kept as news, below the window, seen before, or without room in its slot. */
export type RingVerdict = 'new' | 'old' | 'known' | 'full';

export interface RingRules<Item> {
  readonly slots: number;
  /** What the items of one Lamport time may weigh together, in the unit of `weigh`. */
  readonly slotWeightLimit: number;
  /** What all items may weigh together. */
  readonly weightLimit: number;
  weigh(item: Item): number;
  /** Tells the items of one Lamport time apart. */
  keyOf(item: Item): string | number;
}

/** Everything that is known of one Lamport time. */
export interface RingSlot<Item> {
  readonly ltime: number;
  readonly items: readonly Item[];
}

interface Slot<Item> {
  readonly ltime: number;
  readonly items: Item[];
  /** Items of one time are many where a peer wants them to be: none is compared with all others. */
  readonly keys: Set<string | number>;
  weight: number;
}

/**
 * Remembers the items of the most recent Lamport times, so that each is taken once (spec/03 §13.2 for events, §14.4 for
 * queries). Times within the window never share a slot: a slot that holds another time holds a past one.
 */
export class LamportRing<Item> {
  readonly #rules: RingRules<Item>;
  readonly #slots: (Slot<Item> | undefined)[];
  #weight = 0;

  constructor(rules: RingRules<Item>) {
    this.#rules = rules;
    this.#slots = new Array<Slot<Item> | undefined>(rules.slots).fill(undefined);
  }

  /** `clockTime` is the clock after it witnessed `ltime`, so always later. */
  add(ltime: number, item: Item, clockTime: number): RingVerdict {
    const { slots, slotWeightLimit, weightLimit } = this.#rules;
    if (clockTime > slots && ltime < clockTime - slots) return 'old';
    const held = this.#slots[ltime % slots];
    const isHeld = held?.ltime === ltime;
    const slot = isHeld ? held : { ltime, items: [], keys: new Set<string | number>(), weight: 0 };
    const key = this.#rules.keyOf(item);
    if (slot.keys.has(key)) return 'known';
    const weight = slot.weight + this.#rules.weigh(item);
    const total = this.#weight - (held?.weight ?? 0) + weight;
    // Refused, not exchanged for an older one: what is forgotten within the window would come round again.
    if (weight > slotWeightLimit || total > weightLimit) return 'full';
    slot.items.push(item);
    slot.keys.add(key);
    slot.weight = weight;
    this.#weight = total;
    this.#slots[ltime % slots] = slot;
    return 'new';
  }

  /** The filled slots, oldest Lamport time first. */
  filled(): RingSlot<Item>[] {
    return this.#slots.filter((slot) => slot !== undefined).sort((a, b) => a.ltime - b.ltime);
  }
}
