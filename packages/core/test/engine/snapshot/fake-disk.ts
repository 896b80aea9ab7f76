import type { SnapshotDisk } from '../../../src/engine/snapshot/snapshot-file.js';

/** A disk in memory that can be full. */
export class FakeDisk implements SnapshotDisk {
  text = '';
  syncs = 0;
  attempts = 0;
  isClosed = false;
  /** What every write rejects with. */
  broken: Error | undefined;
  /** How much of an append still reaches a disk that is full. */
  tornAt = 0;
  /** Writes wait for it. */
  gate: Promise<void> = Promise.resolve();

  get sizeBytes(): number {
    return this.text.length;
  }

  async append(text: string): Promise<void> {
    await this.#begin(() => {
      this.text += text.slice(0, this.tornAt);
    });
    this.text += text;
  }

  async replace(text: string): Promise<void> {
    await this.#begin(() => undefined);
    this.text = text;
  }

  async sync(): Promise<void> {
    this.syncs += 1;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  async #begin(tear: () => void): Promise<void> {
    this.attempts += 1;
    await this.gate;
    if (this.broken === undefined) return;
    tear();
    throw this.broken;
  }
}

export const diskFull = (): Error =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
