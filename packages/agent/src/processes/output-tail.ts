/** Begins small: most scripts write a line or nothing. */
const firstBytes = 1_024;

/** Keeps the end of what was written, however much that is. Never holds more than twice its limit. */
export class OutputTail {
  readonly #limitBytes: number;
  #buffer: Uint8Array<ArrayBuffer>;
  #length = 0;
  #writtenBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#buffer = new Uint8Array(Math.min(firstBytes, limitBytes));
  }

  /** All that was written. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  add(chunk: Uint8Array): void {
    this.#writtenBytes += chunk.length;
    const end = chunk.subarray(Math.max(0, chunk.length - this.#limitBytes));
    this.#makeRoom(end.length);
    this.#buffer.set(end, this.#length);
    this.#length += end.length;
  }

  /** The last bytes, up to the limit. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(Math.max(0, this.#length - this.#limitBytes), this.#length);
  }

  /** Grows to twice the limit, so that what is kept has to be moved only once for each limit's worth of output. */
  #makeRoom(bytes: number): void {
    const wanted = this.#length + bytes;
    if (wanted <= this.#buffer.length) return;
    const size = Math.min(2 * this.#limitBytes, Math.max(2 * this.#buffer.length, wanted));
    const kept = wanted <= size ? this.#length : this.#limitBytes - bytes;
    const buffer = size === this.#buffer.length ? this.#buffer : new Uint8Array(size);
    buffer.set(this.#buffer.subarray(this.#length - kept, this.#length));
    this.#buffer = buffer;
    this.#length = kept;
  }
}
