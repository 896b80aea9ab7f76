import { type Coordinate, origin } from '../../coordinates/coordinate.js';
import { after, type Timer } from '../../net/timer.js';
import type { SerfOutput } from '../../serf/output.js';
import { Replay } from '../../serf/snapshot/replay.js';
import type { KnownPeer, RestoredState } from '../../serf/snapshot/restored-state.js';
import { type ClockTimes, SnapshotRecorder } from '../../serf/snapshot/snapshot-recorder.js';
import type { SnapshotState } from '../../serf/snapshot/snapshot-state.js';
import type { LogLine } from '../log.js';
import type { SnapshotMeasures } from '../metrics/metrics.js';
import { printable } from '../printable.js';
import { MeasuredDisk } from './measured-disk.js';
import { SnapshotFile } from './snapshot-file.js';
import { SnapshotWriter } from './snapshot-writer.js';

export interface SnapshotOptions {
  readonly path: string;
  /** This node's name. */
  readonly self: string;
  readonly rejoinAfterLeave: boolean;
}

/** The part of a SerfNode that is looked at for its snapshot. */
export interface Recorded {
  readonly clocks: ClockTimes;
  coordinate(name: string): Coordinate | undefined;
}

/** As many members as an engine takes, and failed ones that are waited for. */
const limits = { aliveLimit: 65_536, failedLimit: 8_192 } as const;

/** Serf's interval: what moves the clocks without an event, such as a push/pull, is seen this late. */
const clockIntervalMs = 500;

/** A place changes slowly, and a restart from an old one is still better than from nowhere. */
const coordinateIntervalMs = 600_000;

/** How long the last lines of a node may take; a disk that hangs does not hold up its end. */
const closeMs = 1_000;

/** A node's snapshot: what it held when the node started, and its life since. */
export class Snapshot {
  readonly restored: RestoredState;
  /** Who was a member when the node ended, this one included. */
  readonly previous: readonly KnownPeer[];
  readonly measures: SnapshotMeasures;
  readonly #self: string;
  readonly #recorder: SnapshotRecorder;
  readonly #writer: SnapshotWriter;
  readonly #log: HeldLog;
  #node: Recorded | undefined;
  #tick: Timer | undefined;
  #coordinateMs = performance.now();
  #closing: Promise<void> | undefined;

  /** Reads the file, or creates it. Rejects with a SnapshotError. */
  static async open(options: SnapshotOptions): Promise<Snapshot> {
    const replay = new Replay({ ...limits, rejoinAfterLeave: options.rejoinAfterLeave });
    const file = await SnapshotFile.open(options.path, (line) => replay.line(line));
    const log = new HeldLog();
    for (const line of replayLines(replay)) log.write(line);
    return new Snapshot(options.self, replay.state, file, log);
  }

  private constructor(self: string, state: SnapshotState, file: SnapshotFile, log: HeldLog) {
    this.restored = state.restored(self);
    this.previous = state.alive();
    this.#self = self;
    this.#log = log;
    this.#recorder = new SnapshotRecorder(self, state);
    const disk = new MeasuredDisk(file);
    this.measures = disk;
    this.#writer = new SnapshotWriter(disk, state, (line) => log.write(line));
  }

  /** Records the life of `node` from now on, and hands over what the reading had to say. */
  follow(node: Recorded, log: (line: LogLine) => void): void {
    this.#node = node;
    this.#log.release(log);
    this.#scheduleTick();
  }

  hear(outputs: readonly SerfOutput[]): void {
    let isEvent = false;
    for (const output of outputs) {
      if (output.type === 'event') isEvent = true;
      else if (output.type !== 'peerForgotten') continue;
      this.#writer.write(this.#recorder.hear(output));
    }
    if (isEvent) this.#writeClocks();
  }

  /** Before the node tells anybody that it leaves. */
  leave(): void {
    this.#writeClocks();
    this.#writer.writeThrough(this.#recorder.leave());
    this.#writeClocks();
  }

  /** Counts under `snapshot_…`, as decimal text. */
  stats(): Record<string, string> {
    const { lines, compactions, errors, unwritable } = this.#writer.counters;
    return {
      snapshot_bytes: String(this.#writer.sizeBytes),
      snapshot_lines: String(lines),
      snapshot_compactions: String(compactions),
      snapshot_errors: String(errors),
      snapshot_unwritable_names: String(unwritable),
    };
  }

  /** Writes the last words; resolves in any case, and soon. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#tick?.cancel();
    this.#writeClocks();
    this.#writeCoordinate();
    let timer: Timer | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = after(closeMs, resolve);
    });
    await Promise.race([this.#writer.close(), patience]);
    timer?.cancel();
  }

  #scheduleTick(): void {
    this.#tick = after(clockIntervalMs, () => {
      this.#writeClocks();
      if (performance.now() - this.#coordinateMs >= coordinateIntervalMs) this.#writeCoordinate();
      this.#scheduleTick();
    });
  }

  #writeClocks(): void {
    if (this.#node !== undefined) this.#writer.write(this.#recorder.clocks(this.#node.clocks));
  }

  #writeCoordinate(): void {
    this.#coordinateMs = performance.now();
    const coordinate = this.#node?.coordinate(this.#self);
    // The origin says nothing: that is where everybody begins.
    if (coordinate !== undefined && coordinate !== origin)
      this.#writer.write(this.#recorder.coordinate(coordinate));
  }
}

/** Keeps lines until there is a log to write them to. */
class HeldLog {
  #held: LogLine[] = [];
  #log: ((line: LogLine) => void) | undefined;

  write(line: LogLine): void {
    if (this.#log === undefined) this.#held.push(line);
    else this.#log(line);
  }

  release(log: (line: LogLine) => void): void {
    this.#log = log;
    for (const line of this.#held) log(line);
    this.#held = [];
  }
}

function replayLines(replay: Replay): LogLine[] {
  const lines: LogLine[] = [];
  if (replay.hasIgnoredLeave) {
    lines.push({ level: 'INFO', text: 'serf: Ignoring previous leave in snapshot' });
  }
  if (replay.firstUnknown !== undefined) {
    const more = replay.unknownLines - 1;
    const note = more === 0 ? '' : ` (and ${more} more like it)`;
    const text = `serf: Unrecognized snapshot line: ${printable(replay.firstUnknown)}${note}`;
    lines.push({ level: 'WARN', text });
  }
  return lines;
}
