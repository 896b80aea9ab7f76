import { retransmitLimit } from './scaling.js';

/** A part of a compound carries its length in 16 bits (spec/01 §5). */
const maxPartBytes = 65_535;

export interface BroadcastQueueOptions {
  readonly retransmitMult: number;
  /** Messages held at most; beyond it the most transmitted are dropped and counted. */
  readonly limit: number;
  /** The longest message that any packet has room for. Default: what a compound's part can carry. */
  readonly maxMessageBytes?: number;
}

export interface BroadcastOptions {
  /** A later message of the same name takes this one's place. Absent: the message stands for itself. */
  readonly name?: string | undefined;
  /** Comes back from `takeFinished` when the message won't be sent any more. */
  readonly token?: number | undefined;
}

/** Why a message with a token left the queue. None of them means "delivered". */
export interface FinishedBroadcast {
  readonly token: number;
  readonly outcome: 'sent' | 'replaced' | 'pruned';
}

interface Item {
  readonly message: Uint8Array;
  readonly name: string | undefined;
  readonly token: number | undefined;
  readonly id: number;
  transmits: number;
}

const nothingCollected: Uint8Array[] = Object.freeze([] as Uint8Array[]) as Uint8Array[];
const nothingFinished: readonly FinishedBroadcast[] = Object.freeze([]);

/**
 * Messages on their way through the cluster, each sent a limited number of times (spec/02 §15). What was sent least
 * goes first; among equals the longest, so that a packet is filled well; among these the newest.
 */
export class BroadcastQueue {
  readonly #retransmitMult: number;
  readonly #limit: number;
  #maxMessageBytes: number;
  /** By times sent. Each tier is sorted by length, then age, so that what goes first stands at the end. */
  readonly #tiers: Item[][] = [];
  readonly #named = new Map<string, Item>();
  #finished: FinishedBroadcast[] = [];
  #length = 0;
  #lastId = 0;
  #dropped = 0;
  #refused = 0;

  constructor(options: BroadcastQueueOptions) {
    this.#retransmitMult = options.retransmitMult;
    this.#limit = options.limit;
    this.#maxMessageBytes = Math.min(options.maxMessageBytes ?? maxPartBytes, maxPartBytes);
  }

  /** Messages queued now. */
  get length(): number {
    return this.#length;
  }

  /** Messages that were pushed out before they had been sent often enough. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Messages that were not taken: empty, or longer than any packet's room. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Queues a message; it must not be changed afterwards. Returns false when no packet could ever carry it: it would
   * stay for ever, and its token is not reported.
   */
  add(message: Uint8Array, options: BroadcastOptions = {}): boolean {
    const { name, token } = options;
    if (message.length === 0 || message.length > this.#maxMessageBytes) {
      this.#refused += 1;
      return false;
    }
    if (name !== undefined) this.#replace(name);

    this.#lastId += 1;
    const item: Item = { message, name, token, id: this.#lastId, transmits: 0 };
    this.#insert(item);
    if (name !== undefined) this.#named.set(name, item);
    if (this.#length > this.#limit) this.prune(this.#limit);
    return true;
  }

  /**
   * Takes what fits into `limitBytes`, where each message costs `overheadBytes` more than its length. Every message
   * taken counts as sent once; none is taken twice.
   */
  collect(overheadBytes: number, limitBytes: number, memberCount: number): Uint8Array[] {
    if (this.#length === 0) return nothingCollected;

    const sendings = retransmitLimit(this.#retransmitMult, memberCount);
    const taken: Uint8Array[] = [];
    const again: Item[] = [];
    let freeBytes = limitBytes - overheadBytes;

    for (const tier of this.#tiers) {
      while (freeBytes > 0) {
        const index = countUpToLength(tier, freeBytes) - 1;
        const item = tier[index];
        if (item === undefined) break;
        this.#removeAt(tier, index, item);
        taken.push(item.message);
        freeBytes -= overheadBytes + item.message.length;
        if (item.transmits + 1 >= sendings) this.#finish(item, 'sent');
        else again.push(item);
      }
    }

    for (const item of again) this.#putBack(item);
    this.#trimTiers();
    return taken.length === 0 ? nothingCollected : taken;
  }

  /** Drops what would go last until `max` messages remain; returns how many were dropped. */
  prune(max: number): number {
    const excess = Math.max(0, this.#length - Math.max(0, max));
    let left = excess;
    for (let times = this.#tiers.length - 1; left > 0 && times >= 0; times -= 1) {
      for (const item of this.#tiers[times]?.splice(0, left) ?? []) {
        this.#forget(item);
        this.#finish(item, 'pruned');
        left -= 1;
      }
    }
    this.#dropped += excess;
    this.#trimTiers();
    return excess;
  }

  /** Less room in a packet than before: what fits into none any more is dropped. */
  setMaxMessageBytes(maxBytes: number): void {
    this.#maxMessageBytes = Math.min(maxBytes, maxPartBytes);
    for (const tier of this.#tiers) {
      const tooLong = tier.splice(countUpToLength(tier, this.#maxMessageBytes));
      for (const item of tooLong) {
        this.#forget(item);
        this.#finish(item, 'pruned');
      }
      this.#dropped += tooLong.length;
    }
    this.#trimTiers();
  }

  /** What left the queue since the last call, of messages that carry a token. */
  takeFinished(): readonly FinishedBroadcast[] {
    if (this.#finished.length === 0) return nothingFinished;
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  #replace(name: string): void {
    const item = this.#named.get(name);
    if (item === undefined) return;
    const tier = this.#tiers[item.transmits] ?? [];
    this.#removeAt(tier, positionOf(tier, item), item);
    this.#finish(item, 'replaced');
  }

  #insert(item: Item): void {
    while (this.#tiers.length <= item.transmits) this.#tiers.push([]);
    const tier = this.#tiers[item.transmits] ?? [];
    const index = positionOf(tier, item);
    if (index === tier.length) tier.push(item);
    else tier.splice(index, 0, item);
    this.#length += 1;
  }

  #putBack(item: Item): void {
    item.transmits += 1;
    this.#insert(item);
    if (item.name !== undefined) this.#named.set(item.name, item);
  }

  #removeAt(tier: Item[], index: number, item: Item): void {
    if (index === tier.length - 1) tier.pop();
    else tier.splice(index, 1);
    this.#forget(item);
  }

  #forget(item: Item): void {
    this.#length -= 1;
    if (item.name !== undefined) this.#named.delete(item.name);
  }

  #finish(item: Item, outcome: FinishedBroadcast['outcome']): void {
    if (item.token !== undefined) this.#finished.push({ token: item.token, outcome });
  }

  #trimTiers(): void {
    while (this.#tiers.at(-1)?.length === 0) this.#tiers.pop();
  }
}

/** How many items, from the front, are at most `bytes` long. */
function countUpToLength(tier: readonly Item[], bytes: number): number {
  return partitionPoint(tier, (item) => item.message.length <= bytes);
}

/** Where an item stands, or would stand, in its tier. */
function positionOf(tier: readonly Item[], wanted: Item): number {
  const length = wanted.message.length;
  return partitionPoint(
    tier,
    (item) =>
      item.message.length < length || (item.message.length === length && item.id < wanted.id),
  );
}

/** The first index for which `isBefore` no longer holds, in a list that is sorted by it. */
function partitionPoint(tier: readonly Item[], isBefore: (item: Item) => boolean): number {
  const last = tier.at(-1);
  if (last === undefined || isBefore(last)) return tier.length;
  let low = 0;
  let high = tier.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(tier[middle] as Item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
