import { type FileHandle, open } from 'node:fs/promises';
import { systemErrorText } from '../../net/system-error.js';
import { replaceFile } from '../replace-file.js';

/** A snapshot that cannot be opened; the message is Serf's. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

/** Where the lines of a snapshot go. Every promise rejects with the system's error. */
export interface SnapshotDisk {
  readonly sizeBytes: number;
  append(text: string): Promise<void>;
  /** Makes `text` the whole content: a reader, and a machine that loses its power, has the old one or the new one. */
  replace(text: string): Promise<void>;
  /** Resolves when all is on the disk and not only on its way there. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Names and addresses are much shorter: a longer line is no line of a snapshot. */
const longestLineBytes = 8_192;

const newline = 0x0a;

/** Anybody may read it: it holds what every member of the cluster knows. */
const mode = 0o644;

/** The snapshot file of this node. */
export class SnapshotFile implements SnapshotDisk {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #sizeBytes = 0;

  /**
   * Opens a snapshot, or creates an empty one, and hands every whole line in it to `line`. What stands behind the last
   * line feed was torn by a crash: it is cut off, for the next record would continue it (spec/03 §19.4). Rejects with a
   * SnapshotError.
   */
  static async open(path: string, line: (text: string) => void): Promise<SnapshotFile> {
    const file = new SnapshotFile(path);
    try {
      file.#handle = await open(path, 'a+', mode);
      // A compaction would put a file in its place.
      if (!(await file.#handle.stat()).isFile()) throw new Error('not a regular file');
      await file.#read(line);
      return file;
    } catch (cause) {
      await file.close().catch(() => undefined);
      const text = `failed to open snapshot: open ${path}: ${systemErrorText(cause)}`;
      throw new SnapshotError(text, { cause });
    }
  }

  private constructor(path: string) {
    this.#path = path;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async append(text: string): Promise<void> {
    this.#handle ??= await open(this.#path, 'a', mode);
    await this.#handle.appendFile(text);
    this.#sizeBytes += Buffer.byteLength(text);
  }

  async replace(text: string): Promise<void> {
    await replaceFile(this.#path, text, mode);
    this.#sizeBytes = Buffer.byteLength(text);
    // It leads to the file of before, which nobody will see again.
    await this.close();
  }

  async sync(): Promise<void> {
    await this.#handle?.sync();
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #read(line: (text: string) => void): Promise<void> {
    const handle = this.#handle as FileHandle;
    const lines = new LineSplitter(line);
    const chunk = Buffer.alloc(64 * 1024);
    for (let offset = 0; ; ) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, offset);
      if (bytesRead === 0) break;
      lines.take(chunk.subarray(0, bytesRead));
      offset += bytesRead;
    }
    this.#sizeBytes = lines.wholeBytes;
    if (lines.tornBytes > 0) await handle.truncate(lines.wholeBytes);
  }
}

/** Cuts bytes into lines, of which it holds one at a time. */
class LineSplitter {
  readonly #line: (text: string) => void;
  #rest: Buffer = Buffer.alloc(0);
  #overlongBytes = 0;
  /** Bytes up to the last line feed. */
  wholeBytes = 0;

  constructor(line: (text: string) => void) {
    this.#line = line;
  }

  /** Bytes behind the last line feed. */
  get tornBytes(): number {
    return this.#rest.length + this.#overlongBytes;
  }

  take(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#end(chunk.subarray(start, end));
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  #end(last: Buffer): void {
    this.#keep(last);
    this.wholeBytes += this.tornBytes + 1;
    // Of an overlong one the beginning is enough to say what it was.
    this.#line(this.#rest.toString('utf8'));
    this.#rest = Buffer.alloc(0);
    this.#overlongBytes = 0;
  }

  #keep(more: Buffer): void {
    const room = longestLineBytes - this.#rest.length;
    if (more.length > 0) this.#rest = Buffer.concat([this.#rest, more.subarray(0, room)]);
    this.#overlongBytes += Math.max(0, more.length - room);
  }
}
