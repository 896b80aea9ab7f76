/**
 * Which of the two forms that Go peers speak: `gossip` is msgpack as it was before 2013, with one raw family for text
 * and bytes (spec/01 §2); `rpc` is today's, with str8 for text and bin for bytes (spec/05 §3).
 */
export type MsgpackDialect = 'gossip' | 'rpc';

/** Up to this length a loop over ASCII characters beats a call of TextEncoder. */
const shortText = 40;
/** The same for a call of Uint8Array's `set`. */
const shortBytes = 32;
/** Results up to this size are copied out, so that one buffer serves all small messages. */
const copiedBytes = 64 * 1024;
const twoTo32 = 2 ** 32;
const encoder = new TextEncoder();
const floatScratch = new DataView(new ArrayBuffer(8));

/**
 * Writes msgpack exactly as Go's codec does, so that tserf's bytes equal Serf's. Made to be kept: after `finish` it is
 * empty and ready for the next message. Values that have no place in msgpack raise RangeError: that is our own bug.
 */
export class MsgpackWriter {
  readonly #modern: boolean;
  readonly #initialBytes: number;
  #buffer: Uint8Array;
  #length = 0;

  constructor(dialect: MsgpackDialect, initialBytes = 2048) {
    this.#modern = dialect === 'rpc';
    this.#initialBytes = initialBytes;
    this.#buffer = new Uint8Array(initialBytes);
  }

  /** Bytes written since the last `finish`. */
  get length(): number {
    return this.#length;
  }

  /** Forgets what was written. */
  reset(): void {
    this.#length = 0;
  }

  /** What was written, in a buffer of its own. The writer is empty afterwards. */
  finish(): Uint8Array {
    const length = this.#length;
    this.#length = 0;
    if (length <= copiedBytes) return this.#buffer.slice(0, length);
    const result = this.#buffer.subarray(0, length);
    this.#buffer = new Uint8Array(this.#initialBytes);
    return result;
  }

  /** What was written so far, as a view that the next write overwrites. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  mapHeader(count: number): this {
    return this.#header(count, 0x80, 0xde);
  }

  arrayHeader(count: number): this {
    return this.#header(count, 0x90, 0xdc);
  }

  /** The name of a map's entry. Names of struct fields must come in byte order (spec/01 §2.1). */
  key(name: string): this {
    return this.text(name);
  }

  text(value: string): this {
    const length = value.length;
    if (length > shortText) return this.#longText(value);
    const start = this.#length;
    this.#reserve(length + 3);
    this.#textHeader(length);
    const buffer = this.#buffer;
    let at = this.#length;
    for (let index = 0; index < length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) {
        this.#length = start;
        return this.#longText(value);
      }
      buffer[at] = unit;
      at += 1;
    }
    this.#length = at;
    return this;
  }

  /** A byte string; `undefined` is nil, which Go keeps apart from an empty one. */
  bytes(value: Uint8Array | undefined): this {
    if (value === undefined) return this.nil();
    const length = value.length;
    this.#reserve(length + 5);
    if (this.#modern) this.#sized(length, 0xc4, 0xc5, 0xc6);
    else this.#textHeader(length);
    return this.raw(value);
  }

  /** A whole number from 0 to 2^64 − 1 in its shortest unsigned form. */
  uint(value: number | bigint): this {
    this.#reserve(9);
    if (typeof value === 'bigint' || value > 0xffff_ffff) return this.#uint64(value);
    if (!(value >= 0) || !Number.isInteger(value)) throw unfit(value, 'an unsigned integer');
    if (value < 0x80) this.#put(value);
    else this.#sized(value, 0xcc, 0xcd, 0xce);
    return this;
  }

  /** A whole number from −2^63 to 2^63 − 1 in the widths that Go gives signed fields: d1, d2 or d3 above 127. */
  int(value: number | bigint): this {
    this.#reserve(9);
    if (typeof value === 'bigint') return this.#int64(value);
    if (!Number.isSafeInteger(value)) throw unfit(value, 'a signed integer');
    if (value >= -0x20 && value < 0x80) this.#put(value & 0xff);
    else if (value >= -0x80 && value < 0) this.#put2(0xd0, value);
    else if (value >= -0x8000 && value < 0x8000) this.#put3(0xd1, value);
    else if (value >= -0x8000_0000 && value < 0x8000_0000) this.#put5(0xd2, value);
    else this.#put9(0xd3, Math.floor(value / twoTo32), value);
    return this;
  }

  bool(value: boolean): this {
    this.#reserve(1);
    this.#put(value ? 0xc3 : 0xc2);
    return this;
  }

  nil(): this {
    this.#reserve(1);
    this.#put(0xc0);
    return this;
  }

  /** Always 8 bytes: Go never shortens a float, nor makes an integer of it. */
  float64(value: number): this {
    this.#reserve(9);
    floatScratch.setFloat64(0, value);
    this.#put9(0xcb, floatScratch.getUint32(0), floatScratch.getUint32(4));
    return this;
  }

  /** One byte that is no msgpack, such as a message's type. */
  byte(value: number): this {
    this.#reserve(1);
    this.#put(value);
    return this;
  }

  /** Bytes that are encoded already. */
  raw(value: Uint8Array): this {
    const length = value.length;
    this.#reserve(length);
    if (length > shortBytes) this.#buffer.set(value, this.#length);
    else this.#copyShort(value, length);
    this.#length += length;
    return this;
  }

  #copyShort(value: Uint8Array, length: number): void {
    const buffer = this.#buffer;
    const at = this.#length;
    for (let index = 0; index < length; index += 1) buffer[at + index] = value[index] as number;
  }

  #header(count: number, fix: number, wide: number): this {
    this.#reserve(5);
    if (count < 16) this.#put(fix | count);
    else if (count < 0x1_0000) this.#put3(wide, count);
    else this.#put5(wide + 1, count);
    return this;
  }

  #textHeader(length: number): void {
    if (length < 32) this.#put(0xa0 | length);
    else if (this.#modern) this.#sized(length, 0xd9, 0xda, 0xdb);
    else if (length < 0x1_0000) this.#put3(0xda, length);
    else this.#put5(0xdb, length);
  }

  #longText(value: string): this {
    // A UTF-16 unit needs at most three bytes. The header's size follows from the text's, so the text is moved up.
    this.#reserve(value.length * 3 + 5);
    const from = this.#length + 5;
    const { written } = encoder.encodeInto(value, this.#buffer.subarray(from));
    this.#textHeader(written);
    this.#buffer.copyWithin(this.#length, from, from + written);
    this.#length += written;
    return this;
  }

  /** A length or number behind the first of three marks whose width holds it. */
  #sized(value: number, mark8: number, mark16: number, mark32: number): void {
    if (value < 0x100) this.#put2(mark8, value);
    else if (value < 0x1_0000) this.#put3(mark16, value);
    else this.#put5(mark32, value);
  }

  #uint64(value: number | bigint): this {
    if (typeof value === 'bigint') {
      if (value >= 0n && value <= 0xffff_ffffn) return this.uint(Number(value));
      if (value < 0n || value >= 1n << 64n) throw unfit(value, 'an unsigned integer');
      this.#put9(0xcf, Number(value >> 32n), Number(value & 0xffff_ffffn));
      return this;
    }
    if (!Number.isSafeInteger(value)) throw unfit(value, 'an unsigned integer');
    this.#put9(0xcf, Math.floor(value / twoTo32), value);
    return this;
  }

  #int64(value: bigint): this {
    if (value >= -0x8000_0000n && value < 0x8000_0000n) return this.int(Number(value));
    if (BigInt.asIntN(64, value) !== value) throw unfit(value, 'a signed integer');
    this.#put9(0xd3, Number(value >> 32n), Number(value & 0xffff_ffffn));
    return this;
  }

  #put(byte: number): void {
    this.#buffer[this.#length] = byte;
    this.#length += 1;
  }

  #put2(mark: number, value: number): void {
    this.#put(mark);
    this.#put(value & 0xff);
  }

  #put3(mark: number, value: number): void {
    this.#put(mark);
    this.#put((value >> 8) & 0xff);
    this.#put(value & 0xff);
  }

  #put5(mark: number, value: number): void {
    this.#put(mark);
    this.#put32(value);
  }

  #put9(mark: number, high: number, low: number): void {
    this.#put(mark);
    this.#put32(high);
    this.#put32(low);
  }

  /** The low 32 bits; of a number beyond 32 bits too, as the bit operators take it modulo 2^32. */
  #put32(value: number): void {
    this.#put((value >>> 24) & 0xff);
    this.#put((value >>> 16) & 0xff);
    this.#put((value >>> 8) & 0xff);
    this.#put(value & 0xff);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

function unfit(value: number | bigint, kind: string): RangeError {
  return new RangeError(`${value} cannot be written as ${kind}`);
}
