import { isAfterStall } from './late-timers.js';
import { LoopClock } from './loop-clock.js';
import type { Entry } from './member-list.js';
import { choose } from './random-choice.js';
import type { SwimState } from './state.js';
import { collectForPacket, sendParts, speaksChecksum } from './transmit.js';

/** Spreads what is queued, to a few random members at a time (SWIM §4.1, spec/02 §14). */
export class Gossip {
  readonly #state: SwimState;
  readonly #clock: LoopClock;

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
    const { members, options, random } = this.#state;
    const listeners = choose(
      options.gossipNodes,
      members.entries,
      (entry) => this.#shouldHear(entry),
      random,
    );
    for (const { member } of listeners) {
      const parts = collectForPacket(this.#state);
      if (parts.length === 0) return;
      sendParts(this.#state, member.endpoint, parts, speaksChecksum(this.#state, member.endpoint));
    }
  }

  /** The dead hear for a while what is said about them: one that lives can refute it. */
  #shouldHear(entry: Entry): boolean {
    const { self, nowMs, options } = this.#state;
    const { state, stateChangeMs } = entry.member;
    if (entry === self || state === 'left') return false;
    return state !== 'dead' || nowMs - stateChangeMs <= options.gossipToTheDeadMs;
  }
}
