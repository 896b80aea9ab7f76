import { systemErrorText } from '../net/system-error.js';
import { after, type Timer } from '../net/timer.js';
import { encodeKeyText } from '../wire/key-text.js';
import type { LogLine } from './log.js';
import { replaceFile } from './replace-file.js';

/** What the file allows: its keys open everything that the cluster says. */
const ownerOnly = 0o600;

/** How long a failed write waits for the next attempt: longer each time, up to the last. */
const retryMs: readonly number[] = [1_000, 2_000, 5_000, 10_000, 30_000];

export interface KeyringWriterParts {
  readonly path: string;
  readonly log: (line: LogLine) => void;
  /** Counts one failed attempt. */
  readonly failed: () => void;
}

/**
 * Keeps a keyring file as the keyring is, in Serf's form (spec/03 §15.2). Nobody waits for it: while one write is under
 * way the latest keys wait for their turn, and a write that failed (a full disk, a folder that went away) is tried again
 * until it succeeds or the node ends.
 */
export class KeyringWriter {
  readonly #parts: KeyringWriterParts;
  #wanted: string | undefined;
  /** Who wants to know what becomes of the keys that are wanted, or of newer ones. */
  #waiting: ((error: string | undefined) => void)[] = [];
  #writing: Promise<void> | undefined;
  #retry: Timer | undefined;
  #failures = 0;
  #isClosed = false;

  constructor(parts: KeyringWriterParts) {
    this.#parts = parts;
  }

  /** Raw keys, primary first. `tried` hears how the first attempt ends; it is not called on the way out. */
  save(keys: readonly Uint8Array[], tried: (error: string | undefined) => void = ignore): void {
    this.#waiting.push(tried);
    this.#wanted = JSON.stringify(keys.map(encodeKeyText), null, 2);
    this.#writeNow();
  }

  /** Resolves when what was to be written is written, or its last attempt has failed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#writeNow();
    while (this.#writing !== undefined) await this.#writing;
  }

  #writeNow(): void {
    if (this.#writing !== undefined || this.#wanted === undefined) return;
    this.#retry?.cancel();
    const waiting = this.#waiting.splice(0);
    this.#writing = this.#write(this.#wanted).then((error) => {
      this.#writing = undefined;
      // What was saved meanwhile may be what is written now.
      if (this.#wanted === undefined) waiting.push(...this.#waiting.splice(0));
      if (!this.#isClosed) for (const tried of waiting) tried(error);
      if (this.#failures === 0) this.#writeNow();
      else this.#retryLater();
    });
  }

  /** Why the file could not be written, in Serf's words. */
  async #write(content: string): Promise<string | undefined> {
    const { path, log, failed } = this.#parts;
    try {
      await replaceFile(path, content, ownerOnly);
    } catch (error) {
      failed();
      this.#failures += 1;
      const reason = `Failed to write keyring file: open ${path}: ${systemErrorText(error)}`;
      log({
        level: 'ERR',
        text:
          `serf: ${reason}. ` +
          (this.#isClosed
            ? 'The file does not hold the keys in use: a restart comes up with old ones'
            : 'The keys in use are kept in memory, and writing is tried again'),
        limit: 'keyring file',
      });
      return reason;
    }
    if (this.#wanted === content) this.#wanted = undefined;
    if (this.#failures > 0) log({ level: 'INFO', text: `serf: keyring file written: ${path}` });
    this.#failures = 0;
    return undefined;
  }

  #retryLater(): void {
    if (this.#isClosed) return;
    const delayMs = retryMs[Math.min(this.#failures, retryMs.length) - 1] ?? 0;
    this.#retry = after(delayMs, () => this.#writeNow());
  }
}

function ignore(): void {}
