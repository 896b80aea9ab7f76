import type { LogLevel } from '@tserf/core';
import { after, type Timer } from '../delay.js';

/** So often at most a line about drops is followed by another. */
const intervalMs = 10_000;

/** Tells of dropped events: once when it begins, and after a while with their number. */
export class DropReport {
  readonly #log: (level: LogLevel, text: string) => void;
  readonly #whose: string;
  #dropped = 0;
  #summary: Timer | undefined;

  /** `whose` completes "Dropping events for". */
  constructor(whose: string, log: (level: LogLevel, text: string) => void) {
    this.#whose = whose;
    this.#log = log;
  }

  add(): void {
    this.#dropped += 1;
    if (this.#summary !== undefined) return;
    this.#log('WARN', `agent: Dropping events for ${this.#whose}: too many wait`);
    this.#summary = after(intervalMs, () => this.stop());
  }

  /** Tells what there is to tell. */
  stop(): void {
    if (this.#summary === undefined) return;
    this.#summary.cancel();
    this.#summary = undefined;
    const events = this.#dropped === 1 ? '1 event' : `${this.#dropped} events`;
    this.#log('WARN', `agent: Dropped ${events} for ${this.#whose}`);
    this.#dropped = 0;
  }
}
