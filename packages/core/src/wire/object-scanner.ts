import { DecodeError } from './decode-error.js';

export interface ObjectScannerLimits {
  /** Largest object, its own bytes counted. */
  readonly maxBytes: number;
  /** Deepest nesting of arrays and maps. */
  readonly maxDepth: number;
}

/** More than any honest request needs; Serf itself knows no limit here (spec/05 §13). */
const defaults: ObjectScannerLimits = { maxBytes: 1024 * 1024, maxDepth: 32 };

const nothing = new Uint8Array(0);

/**
 * Finds where each msgpack object ends in a stream that has no other framing. Fed with chunks as they come, it looks at
 * every header once and never at the content of text and bytes, so its work is linear in what was received, one byte
 * at a time or many objects at once. Holds only bytes that really arrived.
 *
 * What `next` and `take` give out are views that stay valid; a pushed chunk belongs to the scanner from then on.
 * Raises DecodeError: BAD_BODY for what begins no value, TOO_LARGE and TOO_DEEP beyond the limits. The stream is of no
 * use then.
 */
export class ObjectScanner {
  readonly #limits: ObjectScannerLimits;
  #buffer: Uint8Array = nothing;
  /** Whether the buffer is the scanner's own, with room to append, rather than a chunk that was pushed. */
  #owned = false;
  /** The first byte not given out. */
  #start = 0;
  /** The next header. */
  #at = 0;
  #end = 0;
  /** Content of a text or byte string that is still to pass. */
  #content = 0;
  /** How many values each open array or map still wants, outermost first; a map wants two for each entry. */
  #open: number[] = [];
  /** The sum of `open`: at least as many bytes must follow. */
  #owed = 0;

  constructor(limits: Partial<ObjectScannerLimits> = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  /** Bytes received and not given out. */
  get pending(): number {
    return this.#end - this.#start;
  }

  /** All that is pending, as a view; it stays pending. */
  peek(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  push(chunk: Uint8Array): void {
    if (this.pending === 0) this.#adopt(chunk);
    else this.#append(chunk);
  }

  /** The bytes of the next complete object, or undefined until more arrives. */
  next(): Uint8Array | undefined {
    for (;;) {
      if (this.#content > 0) {
        if (!this.#passContent()) return undefined;
      } else {
        const found = this.#readHeader();
        if (found === 'incomplete') return undefined;
        if (found === 'begun') continue;
      }
      if (this.#closeValue()) return this.#giveOut(this.#at);
    }
  }

  /** The next `length` bytes, where raw bytes stand between objects; undefined until all of them are there. */
  take(length: number): Uint8Array | undefined {
    if (this.#at > this.#start) throw new Error('raw bytes cannot be taken inside an object');
    return this.pending < length ? undefined : this.#giveOut(this.#start + length);
  }

  #passContent(): boolean {
    const passed = Math.min(this.#content, this.#end - this.#at);
    this.#at += passed;
    this.#content -= passed;
    return this.#content === 0;
  }

  #readHeader(): 'incomplete' | 'begun' | 'ended' {
    const available = this.#end - this.#at;
    if (available === 0) return 'incomplete';
    const head = this.#buffer[this.#at] as number;
    if (head < 0x80 || head >= 0xe0) return this.#begin(1, 0);
    if (head < 0x90) return this.#descend(1, (head & 0x0f) * 2);
    if (head < 0xa0) return this.#descend(1, head & 0x0f);
    if (head < 0xc0) return this.#begin(1, head & 0x1f);
    if (head === 0xc1) throw new DecodeError('BAD_BODY', 'byte c1 begins no value');
    const width = lengthBytes[head - 0xc0] as number;
    if (available <= width) return 'incomplete';
    const length = this.#length(width);
    if (head >= 0xde) return this.#descend(1 + width, length * 2);
    if (head >= 0xdc) return this.#descend(1 + width, length);
    return this.#begin(1 + width, (fixedContent[head - 0xc0] as number) + length);
  }

  /** Passes the header of a value that holds `content` bytes and no other values. */
  #begin(headerBytes: number, content: number): 'begun' | 'ended' {
    this.#checkSize(headerBytes + content);
    this.#at += headerBytes;
    this.#content = content;
    return content > 0 ? 'begun' : 'ended';
  }

  #descend(headerBytes: number, children: number): 'begun' | 'ended' {
    if (this.#open.length >= this.#limits.maxDepth) {
      throw new DecodeError('TOO_DEEP', `an object nests deeper than ${this.#limits.maxDepth}`);
    }
    this.#checkSize(headerBytes + children);
    this.#at += headerBytes;
    if (children === 0) return 'ended';
    this.#open.push(children);
    this.#owed += children;
    return 'begun';
  }

  /** Refuses an object as soon as its headers promise more than the limit, before that arrives. */
  #checkSize(following: number): void {
    const others = Math.max(0, this.#owed - 1);
    if (this.#at - this.#start + following + others > this.#limits.maxBytes) {
      throw new DecodeError('TOO_LARGE', `an object exceeds ${this.#limits.maxBytes} bytes`);
    }
  }

  /** Notes that a value ended; true when the whole object did. */
  #closeValue(): boolean {
    const open = this.#open;
    while (open.length > 0) {
      const left = (open[open.length - 1] as number) - 1;
      this.#owed -= 1;
      if (left > 0) {
        open[open.length - 1] = left;
        return false;
      }
      open.pop();
    }
    return true;
  }

  #length(width: number): number {
    let length = 0;
    for (let index = 1; index <= width; index += 1) {
      length = length * 0x100 + (this.#buffer[this.#at + index] as number);
    }
    return length;
  }

  #giveOut(to: number): Uint8Array {
    const { buffer, byteOffset } = this.#buffer;
    const given = new Uint8Array(buffer, byteOffset + this.#start, to - this.#start);
    this.#start = to;
    this.#at = to;
    if (to === this.#end) this.#adopt(nothing);
    return given;
  }

  #adopt(chunk: Uint8Array): void {
    this.#buffer = chunk;
    this.#owned = false;
    this.#start = 0;
    this.#at = 0;
    this.#end = chunk.length;
  }

  #append(chunk: Uint8Array): void {
    if (!this.#owned || this.#end + chunk.length > this.#buffer.length) this.#grow(chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Moves what is pending to a buffer twice as large: never within the old one, of which views were given out. */
  #grow(extra: number): void {
    const live = this.pending;
    const grown = new Uint8Array(Math.max(1024, (live + extra) * 2));
    grown.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = grown;
    this.#owned = true;
    this.#at -= this.#start;
    this.#start = 0;
    this.#end = live;
  }
}

/** For the bytes c0 to df: how many bytes of a length or count follow. */
const lengthBytes: readonly number[] = [
  ...[0, 0, 0, 0, 1, 2, 4, 1, 2, 4], // nil to ext
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // floats, integers
  ...[0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4], // fixed ext, str, array, map
];

/** And how many bytes of content follow besides those that the length counts. An ext has its type byte. */
const fixedContent: readonly number[] = [
  ...[0, 0, 0, 0, 0, 0, 0, 1, 1, 1],
  ...[4, 8, 1, 2, 4, 8, 1, 2, 4, 8],
  ...[2, 3, 5, 9, 17, 0, 0, 0, 0, 0, 0, 0],
];
