import { decodeSnapshotLine } from './snapshot-record.js';
import { SnapshotState, type SnapshotStateOptions } from './snapshot-state.js';

/** Reads a snapshot line by line; what is wrong with a line harms no other (spec/03 §19.4). */
export class Replay {
  readonly state: SnapshotState;
  readonly #rejoinAfterLeave: boolean;
  #unknownLines = 0;
  #firstUnknown: string | undefined;
  #hasIgnoredLeave = false;

  constructor(options: SnapshotStateOptions) {
    this.state = new SnapshotState(options);
    this.#rejoinAfterLeave = options.rejoinAfterLeave;
  }

  /** Lines that say nothing to us. */
  get unknownLines(): number {
    return this.#unknownLines;
  }

  get firstUnknown(): string | undefined {
    return this.#firstUnknown;
  }

  /** Whether a leave was passed over, as rejoining after a leave asks for. */
  get hasIgnoredLeave(): boolean {
    return this.#hasIgnoredLeave;
  }

  /** Takes one line, without its end. */
  line(text: string): void {
    const record = decodeSnapshotLine(text);
    if (record === 'comment') return;
    if (record === 'unknown') {
      this.#unknownLines += 1;
      this.#firstUnknown ??= text;
      return;
    }
    if (record.type === 'leave' && this.#rejoinAfterLeave) this.#hasIgnoredLeave = true;
    this.state.apply(record);
  }
}
