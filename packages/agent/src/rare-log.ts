import type { LogLevel } from '@tserf/core';

/** One text gets a line once in this time: what goes wrong now goes wrong again soon. */
const intervalMs = 60_000;
/** Texts that are told apart. They are made of fixed words and of the system's own, so there are a handful. */
const textLimit = 64;

/** A log for troubles that repeat: each of them at most once a minute. */
export class RareLog {
  readonly #log: (level: LogLevel, text: string) => void;
  readonly #saidAtMs = new Map<string, number>();

  constructor(log: (level: LogLevel, text: string) => void) {
    this.#log = log;
  }

  write(level: LogLevel, text: string): void {
    const nowMs = performance.now();
    const saidMs = this.#saidAtMs.get(text);
    if (saidMs !== undefined && nowMs - saidMs < intervalMs) return;
    if (this.#saidAtMs.size >= textLimit) this.#saidAtMs.clear();
    this.#saidAtMs.set(text, nowMs);
    this.#log(level, text);
  }
}
