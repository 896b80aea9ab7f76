import { systemErrorText } from '../../net/system-error.js';
import { after, type Timer } from '../../net/timer.js';
import { compactionThreshold } from '../../serf/snapshot/compaction.js';
import { encodeSnapshotRecord, type SnapshotRecord } from '../../serf/snapshot/snapshot-record.js';
import type { SnapshotState } from '../../serf/snapshot/snapshot-state.js';
import type { LogLine } from '../log.js';
import type { SnapshotDisk } from './snapshot-file.js';

export interface SnapshotWriterOptions {
  /** What a crash may lose. */
  readonly flushMs: number;
  /** Lines that wait for a slow disk; beyond it they are given up for a whole new file. */
  readonly pendingLimitBytes: number;
  /** After a write that failed; doubled each time. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** A disk that stays broken gets a line this often. */
  readonly complaintMs: number;
}

const defaults: SnapshotWriterOptions = {
  flushMs: 100,
  pendingLimitBytes: 1024 * 1024,
  firstRetryMs: 1_000,
  longestRetryMs: 30_000,
  complaintMs: 300_000,
};

/** What was written, as counts. */
export interface SnapshotCounters {
  readonly lines: number;
  readonly compactions: number;
  readonly errors: number;
  /** Records of names that no line can hold. */
  readonly unwritable: number;
}

/**
 * Writes a snapshot behind the engine's back: nothing here is waited for while packets are. The state in memory is the
 * truth and the file its copy, so whatever goes wrong with the file has one remedy: to write it anew, whole.
 */
export class SnapshotWriter {
  readonly #disk: SnapshotDisk;
  readonly #state: SnapshotState;
  readonly #log: (line: LogLine) => void;
  readonly #options: SnapshotWriterOptions;
  #pending: string[] = [];
  #pendingBytes = 0;
  #compactedBytes = 0;
  /** The file is not what the state says: what is pending would not mend it. */
  #mustRewrite = false;
  #mustSync = false;
  #failures = 0;
  #complainedMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #work: Promise<void> | undefined;
  #isClosed = false;
  #counts = { lines: 0, compactions: 0, errors: 0, unwritable: 0 };

  constructor(
    disk: SnapshotDisk,
    state: SnapshotState,
    log: (line: LogLine) => void,
    options: Partial<SnapshotWriterOptions> = {},
  ) {
    this.#disk = disk;
    this.#state = state;
    this.#log = log;
    this.#options = { ...defaults, ...options };
  }

  get counters(): SnapshotCounters {
    return this.#counts;
  }

  get sizeBytes(): number {
    return this.#disk.sizeBytes;
  }

  write(records: readonly SnapshotRecord[]): void {
    if (this.#isClosed || records.length === 0) return;
    for (const record of records) this.#take(record);
    this.#flushSoon();
  }

  /** As `write`, at once and down to the disk. */
  writeThrough(records: readonly SnapshotRecord[]): void {
    this.#mustSync = true;
    this.write(records);
    if (this.#failures === 0) this.#flushNow();
  }

  /** Writes what is left, down to the disk, and lets the file go. Resolves in any case. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#mustSync = true;
    this.#timer?.cancel();
    await this.#work;
    await this.#attempt();
    await this.#disk.close().catch((error: unknown) => this.#failed(error));
  }

  #take(record: SnapshotRecord): void {
    this.#state.apply(record);
    const line = encodeSnapshotRecord(record);
    if (line === undefined) {
      this.#counts.unwritable += 1;
      return;
    }
    this.#counts.lines += 1;
    if (this.#mustRewrite) return;
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    if (this.#pendingBytes > this.#options.pendingLimitBytes) this.#giveUpPending();
  }

  #giveUpPending(): void {
    this.#mustRewrite = true;
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #flushSoon(): void {
    if (this.#isClosed || this.#work !== undefined || this.#timer !== undefined) return;
    this.#timer = after(this.#pauseMs, () => this.#flushNow());
  }

  #flushNow(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#work ??= this.#attempt().then(() => {
      this.#work = undefined;
      if (this.#hasWork) this.#flushSoon();
    });
  }

  get #hasWork(): boolean {
    return this.#mustRewrite || this.#mustSync || this.#pending.length > 0;
  }

  get #pauseMs(): number {
    const { flushMs, firstRetryMs, longestRetryMs } = this.#options;
    if (this.#failures === 0) return flushMs;
    return Math.min(firstRetryMs * 2 ** (this.#failures - 1), longestRetryMs);
  }

  async #attempt(): Promise<void> {
    try {
      if (this.#mustRewrite) await this.#rewrite();
      else if (this.#pending.length > 0) await this.#append();
      if (this.#isTooLong) await this.#rewrite();
      if (this.#mustSync) await this.#disk.sync();
      this.#mustSync = false;
      this.#recovered();
    } catch (error) {
      // How much of it reached the file is not known, and the next record must not continue half a line.
      this.#giveUpPending();
      this.#failed(error);
    }
  }

  get #isTooLong(): boolean {
    return this.#disk.sizeBytes > compactionThreshold(this.#state.size, this.#compactedBytes);
  }

  #append(): Promise<void> {
    return this.#disk.append(this.#takePending());
  }

  async #rewrite(): Promise<void> {
    // What comes while it is written is not in it, and waits for its turn.
    this.#mustRewrite = false;
    this.#takePending();
    const lines = this.#state.records().map(encodeSnapshotRecord);
    await this.#disk.replace(lines.filter((line) => line !== undefined).join(''));
    this.#compactedBytes = this.#disk.sizeBytes;
    this.#counts.compactions += 1;
  }

  #takePending(): string {
    const text = this.#pending.join('');
    this.#pending = [];
    this.#pendingBytes = 0;
    return text;
  }

  #recovered(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#complainedMs = Number.NEGATIVE_INFINITY;
    this.#log({ level: 'INFO', text: 'serf: Snapshot is written again' });
  }

  #failed(error: unknown): void {
    this.#counts.errors += 1;
    this.#failures += 1;
    const nowMs = performance.now();
    if (nowMs - this.#complainedMs < this.#options.complaintMs) return;
    this.#complainedMs = nowMs;
    const text = `serf: Failed to update snapshot: ${systemErrorText(error)}; it is tried again until it works`;
    this.#log({ level: 'ERR', text });
  }
}
