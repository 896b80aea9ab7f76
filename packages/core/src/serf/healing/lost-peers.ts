import type { Random } from '../../swim/random.js';
import { choose } from '../../swim/random-choice.js';
import type { KnownPeer } from '../snapshot/restored-state.js';

/** A node does not knock at all doors at once. */
const asksPerRound = 3;

/**
 * Members that failed and were forgotten, and those of a former life that did not come back yet: no part of the member
 * list any more, but asked now and then whether they are there. Two halves of a cluster that lost each other for longer
 * than Serf remembers find each other again by them.
 */
export class LostPeers {
  readonly #limit: number;
  readonly #peers = new Map<string, KnownPeer>();

  /** Holds at most `limit`; beyond it the ones that were lost first are given up. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#peers.size;
  }

  has(name: string): boolean {
    return this.#peers.has(name);
  }

  add(peer: KnownPeer): void {
    this.#peers.delete(peer.name);
    this.#peers.set(peer.name, peer);
    if (this.#peers.size <= this.#limit) return;
    const [first] = this.#peers.keys();
    if (first !== undefined) this.#peers.delete(first);
  }

  /** True when it was one. */
  forget(name: string): boolean {
    return this.#peers.delete(name);
  }

  /**
   * Those to be asked in this round. As with failed members, the odds are those of lost to present ones, so that the whole
   * cluster asks each about once a round; a node that lost most others asks a few.
   */
  choose(presentMembers: number, random: Random): KnownPeer[] {
    if (this.#peers.size === 0) return [];
    const share = this.#peers.size / Math.max(1, presentMembers);
    if (random() > share) return [];
    const count = Math.min(Math.max(1, Math.floor(share)), asksPerRound);
    return choose(count, [...this.#peers.values()], () => true, random);
  }
}
