import type { LogLevel } from '@tserf/core';
import { isAtLeast, type LogRecord } from '../log-record.js';

/** Where text goes. A Node stream fits. */
export interface TextSink {
  write(text: string): unknown;
}

/** Records held until the banner is out. Serf's buffer has no bound; this is more than any start writes. */
const heldLimit = 4_096;

/**
 * What the operator sees: messages, and log records between them (spec/07 §7.1). Records are held back until
 * `releaseLog`, so that the banner stays in one piece.
 */
export class Console {
  readonly #sink: TextSink;
  #minimum: LogLevel = 'INFO';
  #held: LogRecord[] | undefined = [];
  #dropped = 0;
  #hasFailed = false;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  /** Records below this level are not shown. */
  get minimum(): LogLevel {
    return this.#minimum;
  }

  set minimum(level: LogLevel) {
    this.#minimum = level;
  }

  /** A message or an error. Only its first line gets the prefix. */
  output(text: string): void {
    this.#sink.write(`==> ${text}\n`);
  }

  info(text: string): void {
    this.#sink.write(text === '' ? '\n' : `    ${text}\n`);
  }

  log(record: LogRecord): void {
    if (!isAtLeast(record.level, this.#minimum)) return;
    if (this.#hasFailed) return;
    if (this.#held === undefined) this.#show(record);
    else if (this.#held.length < heldLimit) this.#held.push(record);
    else this.#dropped++;
  }

  /** From here on, records are shown as they come. */
  releaseLog(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const record of held) this.#show(record);
    if (this.#dropped > 0) this.info(`(${this.#dropped} more records were written and not kept)`);
  }

  /**
   * The start failed: shows the warnings and errors that were held, which Serf loses, but not those that only repeat
   * `failure`, and then `failure` itself. No record is shown any more.
   */
  fail(failure: string): void {
    const said = failure.trim();
    for (const record of this.#held ?? []) {
      if (!isAtLeast(record.level, 'WARN') || repeats(record.text, said)) continue;
      this.#show(record);
    }
    this.#held = [];
    this.#hasFailed = true;
    this.output(failure);
  }

  #show(record: LogRecord): void {
    this.#sink.write(`    ${record.line.replace(/\n$/, '')}\n`);
  }
}

/** Whether a record says no more than `said`, with or without its component in front. */
function repeats(text: string, said: string): boolean {
  return text.includes(said) || said.includes(text.replace(/^[\w.]+: /, ''));
}
