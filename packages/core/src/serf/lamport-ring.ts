/** What became of an item: kept as news, below the window, seen before, or without room in its slot. */
export type RingVerdict = 'new' | 'old' | 'known' | 'full';

export interface RingRules<Item> {
  readonly slots: number;
  /** What the items of one Lamport time may weigh together, in the unit of `weigh`. */
  readonly slotWeightLimit: number;
  /** What all items may weigh together; beyond it the oldest times are forgotten. */
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
  /** What was forgotten before its time lies below: it would come round again, and be taken for new. */
  #floor = 0;

  constructor(rules: RingRules<Item>) {
    this.#rules = rules;
    this.#slots = new Array<Slot<Item> | undefined>(rules.slots).fill(undefined);
  }

  /** `clockTime` is the clock after it witnessed `ltime`, so always later. */
  add(ltime: number, item: Item, clockTime: number): RingVerdict {
    const { slots, slotWeightLimit } = this.#rules;
    if (ltime < this.#floor || (clockTime > slots && ltime < clockTime - slots)) return 'old';
    const slot = this.#slotOf(ltime);
    const key = this.#rules.keyOf(item);
    if (slot.keys.has(key)) return 'known';
    const weight = this.#rules.weigh(item);
    if (slot.weight + weight > slotWeightLimit || !this.#makeRoom(weight, ltime)) return 'full';
    slot.items.push(item);
    slot.keys.add(key);
    slot.weight += weight;
    this.#weight += weight;
    this.#slots[ltime % slots] = slot;
    return 'new';
  }

  /** What is held of one time; a time that this one follows in its place makes way. */
  #slotOf(ltime: number): Slot<Item> {
    const held = this.#slots[ltime % this.#rules.slots];
    if (held?.ltime === ltime) return held;
    if (held !== undefined) this.#drop(held);
    return { ltime, items: [], keys: new Set(), weight: 0 };
  }

  /**
   * Forgets the oldest times before `ltime` until so much more may be kept; false when these are not enough. A flood of
   * what is past by now must not keep out what is new.
   */
  #makeRoom(weight: number, ltime: number): boolean {
    if (this.#weight + weight <= this.#rules.weightLimit) return true;
    for (const slot of this.#byAge()) {
      if (slot.ltime >= ltime) return false;
      this.#drop(slot);
      this.#floor = slot.ltime + 1;
      if (this.#weight + weight <= this.#rules.weightLimit) return true;
    }
    return false;
  }

  #drop({ ltime, weight }: Slot<Item>): void {
    this.#slots[ltime % this.#rules.slots] = undefined;
    this.#weight -= weight;
  }

  /** The filled slots, oldest Lamport time first. */
  filled(): RingSlot<Item>[] {
    return this.#byAge();
  }

  #byAge(): Slot<Item>[] {
    return this.#slots.filter((slot) => slot !== undefined).sort((a, b) => a.ltime - b.ltime);
  }
}
