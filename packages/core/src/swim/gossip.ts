import { isAfterStall } from './late-timers.js';
import { LoopClock } from './loop-clock.js';
import type { Entry } from './member-list.js';
import { choose } from './random-choice.js';
import { retransmitLimit } from './scaling.js';
import type { SwimState } from './state.js';
import { collectForPacket, sendParts, speaksChecksum } from './transmit.js';

/** Spreads what is queued, to a few random members at a time (SWIM §4.1, spec/02 §14). */
export class Gossip {
  readonly #state: SwimState;
  readonly #clock: LoopClock;
  /** Who was told last, each once, the latest at the end: as many as one message has transmissions. */
  #told: Entry[] = [];

  constructor(state: SwimState) {
    this.#state = state;
    const { gossipIntervalMs, gossipNodes } = state.options;
    this.#clock = new LoopClock(state, 'gossipTick', gossipNodes > 0 ? gossipIntervalMs : 0);
  }

  start(): void {
    this.#clock.start();
  }

  tick(): void {
    isAfterStall(this.#state, this.#clock.dueMs);
    this.#clock.advance();
    this.#round();
  }

  /** Without anybody to tell, nothing is taken from a queue: it all waits, uncounted, for the first peer. */
  #round(): void {
    for (const entry of this.#listeners()) {
      const parts = collectForPacket(this.#state);
      if (parts.length === 0) return;
      const { endpoint } = entry.member;
      sendParts(this.#state, endpoint, parts, speaksChecksum(this.#state, endpoint));
      this.#remember(entry);
    }
  }

  #remember(told: Entry): void {
    const { members, options } = this.#state;
    const others = this.#told.filter((entry) => entry !== told);
    const limit = retransmitLimit(options.retransmitMult, members.length);
    this.#told = [...others, told].slice(-limit);
  }

  /**
   * Random members, but first those whom the last rounds passed over, and then who was told longest ago: the few
   * transmissions that a message has must not go to the same members twice. With a new draw each round (spec/02 §14)
   * every thirteenth message in a cluster of nine missed a member until its next push/pull.
   */
  #listeners(): Entry[] {
    const { members, options, random } = this.#state;
    const fresh = choose(
      options.gossipNodes,
      members.entries,
      (entry) => !this.#told.includes(entry) && this.#shouldHear(entry),
      random,
    );
    if (fresh.length === options.gossipNodes) return fresh;
    const again = this.#told.filter(
      (entry) => members.get(entry.member.name) === entry && this.#shouldHear(entry),
    );
    return [...fresh, ...again.slice(0, options.gossipNodes - fresh.length)];
  }

  /** The dead hear for a while what is said about them: one that lives can refute it. */
  #shouldHear(entry: Entry): boolean {
    const { self, nowMs, options } = this.#state;
    const { state, stateChangeMs } = entry.member;
    if (entry === self || state === 'left') return false;
    return state !== 'dead' || nowMs - stateChangeMs <= options.gossipToTheDeadMs;
  }
}
