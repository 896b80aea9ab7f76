import type { SwimHooks } from './hooks.js';
import type { SwimInput } from './input.js';
import type { Member } from './member.js';
import type { SwimOptions } from './options.js';
import type { SwimOutput } from './output.js';
import type { Random } from './random.js';

/** The membership engine. First version: the signatures; the parts behind them follow. */
export class Swim {
  constructor(options: SwimOptions, hooks: SwimHooks, random: Random) {
    void options;
    void hooks;
    void random;
  }

  /** Takes one input at `nowMs` and says what must happen next; it does nothing by itself. */
  handle(input: SwimInput, nowMs: number): SwimOutput[] {
    void input;
    void nowMs;
    throw new Error('being written');
  }

  /** Members that are neither dead nor left: suspects and this node included. */
  members(): Member[] {
    throw new Error('being written');
  }

  /** Every entry of the list, the dead and the left that were not reaped yet included. */
  allMembers(): Member[] {
    throw new Error('being written');
  }

  /** One entry by name, in any state. */
  member(name: string): Member | undefined {
    void name;
    throw new Error('being written');
  }

  /** This node's own entry. */
  get local(): Member {
    throw new Error('being written');
  }

  /** All entries of the list, dead and left included: the `n` of every formula of spec/02 §24. */
  get memberCount(): number {
    throw new Error('being written');
  }

  /** Entries that are neither dead nor left: suspects and this node included. */
  get aliveCount(): number {
    throw new Error('being written');
  }

  /** 0 is healthy. */
  get healthScore(): number {
    throw new Error('being written');
  }

  get queuedBroadcasts(): number {
    throw new Error('being written');
  }

  /** How many messages were refused, by reason. */
  get refusals(): Readonly<Record<string, number>> {
    throw new Error('being written');
  }
}
