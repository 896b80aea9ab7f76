import { isAfterStall } from './late-timers.js';
import { LoopClock } from './loop-clock.js';
import { type Entry, isPresent } from './member-list.js';
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
   * Who lives, and last one of the dead, who hear for a while what is said about them: one that lives can refute it.
   * Drawn together (spec/02 §14), a dead half of the cluster would get half of the few transmissions of each message.
   * Who is dead is looked up only when something is left to tell.
   */
  *#listeners(): Generator<Entry, void, void> {
    const { members, options } = this.#state;
    yield* this.#choose(options.gossipNodes, members.entries, (entry) =>
      this.#livesElsewhere(entry),
    );
    if (members.presentCount === members.length) return;
    const isDead = (entry: Entry) => this.#isDeadSinceShort(entry);
    // Few are: draws from all would miss them, again and again, through three times a list of thousands.
    yield* this.#choose(1, members.entries.filter(isDead), isDead);
  }

  /**
   * Random ones, but first those whom the last rounds passed over, and then who was told longest ago: a message must not
   * go to the same members twice. With a new draw each round every thirteenth message in a cluster of nine missed a
   * member until its next push/pull.
   */
  #choose(count: number, among: readonly Entry[], fits: (entry: Entry) => boolean): Entry[] {
    const { members, random } = this.#state;
    const isFresh = (entry: Entry) => !this.#told.includes(entry) && fits(entry);
    const fresh = choose(count, among, isFresh, random);
    if (fresh.length === count) return fresh;
    const again = this.#told.filter(
      (entry) => members.get(entry.member.name) === entry && fits(entry),
    );
    return [...fresh, ...again.slice(0, count - fresh.length)];
  }

  #livesElsewhere(entry: Entry): boolean {
    return entry !== this.#state.self && isPresent(entry.member);
  }

  #isDeadSinceShort({ member }: Entry): boolean {
    const { nowMs, options } = this.#state;
    return member.state === 'dead' && nowMs - member.stateChangeMs <= options.gossipToTheDeadMs;
  }
}
