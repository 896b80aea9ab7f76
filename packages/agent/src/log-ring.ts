import type { LogLevel } from '@tserf/core';
import { isAtLeast, type LogRecord } from './log-record.js';

/** As many as Serf keeps. */
const capacity = 512;

/** What a follower gets. */
export interface Following {
  /** The records kept so far that pass its level, oldest first. */
  readonly replay: readonly LogRecord[];
  /** Ends it; stopping twice is harmless. */
  stop(): void;
}

interface Follower {
  readonly minimum: LogLevel;
  readonly listener: (record: LogRecord) => void;
}

/**
 * The last 512 log records of every level, whatever the console shows, for monitors that come later (spec/07 §12.4).
 * When it is full, the oldest record goes.
 */
export class LogRing {
  readonly #records: LogRecord[] = [];
  /** Where the next record goes once the ring is full: the oldest stands there. */
  #oldest = 0;
  readonly #followers = new Set<Follower>();

  add(record: LogRecord): void {
    if (this.#records.length < capacity) this.#records.push(record);
    else {
      this.#records[this.#oldest] = record;
      this.#oldest = (this.#oldest + 1) % capacity;
    }
    for (const { minimum, listener } of this.#followers) {
      if (isAtLeast(record.level, minimum)) listener(record);
    }
  }

  /**
   * Replays what is kept and calls `listener` for each record from then on: none is missed in between, none comes
   * twice. A listener must not wait, and must not log.
   */
  follow(minimum: LogLevel, listener: (record: LogRecord) => void): Following {
    const follower = { minimum, listener };
    this.#followers.add(follower);
    return {
      replay: [
        ...this.#records.slice(this.#oldest),
        ...this.#records.slice(0, this.#oldest),
      ].filter(({ level }) => isAtLeast(level, minimum)),
      stop: () => void this.#followers.delete(follower),
    };
  }
}
