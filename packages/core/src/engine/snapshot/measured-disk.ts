import { Measure } from '../../swim/measure.js';
import type { SnapshotDisk } from './snapshot-file.js';

/** The same disk; how many milliseconds its writes take is measured. */
export class MeasuredDisk implements SnapshotDisk {
  readonly appends = new Measure();
  readonly compactions = new Measure();
  readonly #disk: SnapshotDisk;

  constructor(disk: SnapshotDisk) {
    this.#disk = disk;
  }

  get sizeBytes(): number {
    return this.#disk.sizeBytes;
  }

  append(text: string): Promise<void> {
    return timed(this.appends, () => this.#disk.append(text));
  }

  replace(text: string): Promise<void> {
    return timed(this.compactions, () => this.#disk.replace(text));
  }

  sync(): Promise<void> {
    return this.#disk.sync();
  }

  close(): Promise<void> {
    return this.#disk.close();
  }
}

async function timed(measure: Measure, work: () => Promise<void>): Promise<void> {
  const startMs = performance.now();
  await work();
  const nowMs = performance.now();
  measure.add(nowMs - startMs, nowMs);
}
