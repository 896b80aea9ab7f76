import type { SerfOutput } from './output.js';

/** Lines within an interval, at most; the counter knows the rest. */
const linesPerInterval = 10;
const intervalMs = 1_000;

/** Counts what could not be read or believed, and reports as much of it as a log can bear. */
export class BadMessages {
  #count = 0;
  /** When the last lines were given, the newest last. */
  #linesMs: readonly number[] = [];

  get count(): number {
    return this.#count;
  }

  refuse(detail: string, nowMs: number, emit: (output: SerfOutput) => void): void {
    this.#count += 1;
    const earlierMs = this.#linesMs.at(-linesPerInterval);
    if (earlierMs !== undefined && nowMs - earlierMs < intervalMs) return;
    this.#linesMs = [...this.#linesMs, nowMs].slice(-linesPerInterval);
    emit({ type: 'report', code: 'badMessage', detail });
  }
}
