import { DecodeError } from './decode-error.js';
import { decodeUtf8 } from './text-decoder.js';

export type MsgpackKind =
  | 'nil'
  | 'bool'
  | 'int'
  | 'float'
  | 'text'
  | 'bytes'
  | 'array'
  | 'map'
  | 'extension';

/** Deepest nesting that `skip` follows; no message of the protocols nests more than six levels. */
export const maxSkipDepth = 64;

const shortBytes = 64;
const twoTo32 = 2 ** 32;
const floatScratch = new DataView(new ArrayBuffer(8));

/** The names of a map's fields in the order in which they are expected, ready to be compared with bytes. */
export class FieldNames<Name extends string> {
  readonly names: readonly Name[];
  readonly encoded: readonly Uint8Array[];

  constructor(...names: Name[]) {
    const encoder = new TextEncoder();
    this.names = names;
    this.encoded = names.map((name) => encoder.encode(name));
  }
}

/**
 * Reads msgpack values one after another from bytes in memory, as liberally as Go's codec does: either dialect, any
 * width of integer, and nil as the zero value of every kind (spec/01 §2.2, spec/05 §3.2). It copies nothing and
 * allocates nothing by a size that the bytes merely claim. Raises DecodeError; TRUNCATED when the bytes end too early.
 */
export class MsgpackReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #offset: number;
  #nextField = 0;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#end = bytes.length;
  }

  /** Where the next value begins. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#end - this.#offset;
  }

  /** All bytes not read yet, as a view; they count as read. */
  rest(): Uint8Array {
    return this.#view(this.#take(this.remaining), this.#end);
  }

  /** Goes back to an `offset` where a value began, to read it in another way. */
  back(offset: number): this {
    if (offset > this.#offset) throw new RangeError(`${offset} lies ahead of ${this.#offset}`);
    this.#offset = offset;
    return this;
  }

  /** The kind of the next value, which stays unread. */
  kind(): MsgpackKind {
    const head = this.#peek();
    if (head < 0x80 || head >= 0xe0) return 'int';
    if (head < 0x90) return 'map';
    if (head < 0xa0) return 'array';
    if (head < 0xc0) return 'text';
    const kind = kinds[head - 0xc0];
    if (kind === undefined) throw new DecodeError('BAD_BODY', 'byte c1 begins no value');
    return kind;
  }

  /** Reads a nil if one is next. */
  tryNil(): boolean {
    if (this.#peek() !== 0xc0) return false;
    this.#offset += 1;
    return true;
  }

  /** Number of entries that follow. Nil counts as an empty map; an array raises ARRAY_BODY. */
  mapHeader(): number {
    this.#nextField = 0;
    const head = this.#u8();
    if ((head & 0xf0) === 0x80) return this.#counted(head & 0x0f, 2);
    if (head === 0xc0) return 0;
    if (head === 0xde) return this.#counted(this.#u16(), 2);
    if (head === 0xdf) return this.#counted(this.#u32(), 2);
    if ((head & 0xf0) === 0x90 || head === 0xdc || head === 0xdd) {
      throw new DecodeError('ARRAY_BODY', 'an array stands where a map is wanted');
    }
    throw this.#wrongKind('a map', head);
  }

  /** Number of elements that follow. Nil counts as an empty array. */
  arrayHeader(): number {
    const head = this.#u8();
    if ((head & 0xf0) === 0x90) return this.#counted(head & 0x0f, 1);
    if (head === 0xc0) return 0;
    if (head === 0xdc) return this.#counted(this.#u16(), 1);
    if (head === 0xdd) return this.#counted(this.#u32(), 1);
    throw this.#wrongKind('an array', head);
  }

  /**
   * A map key that should be one of `names`; undefined for any other text. Tries the one after the last match first, as
   * senders sort their fields, and makes no string.
   */
  field<Name extends string>(fields: FieldNames<Name>): Name | undefined {
    const head = this.#u8();
    const length = this.#stringLength(head);
    if (length < 0) throw this.#wrongKind('text as a key', head);
    const start = this.#take(length);
    const guess = this.#nextField;
    const count = fields.names.length;
    for (let tried = 0; tried < count; tried += 1) {
      const index = guess + tried < count ? guess + tried : guess + tried - count;
      if (this.#equals(start, length, fields.encoded[index])) {
        this.#nextField = index + 1;
        return fields.names[index];
      }
    }
    return undefined;
  }

  /** A map key as text: unlike `text` it may not be nil. */
  key(): string {
    if (this.#peek() === 0xc0) throw this.#wrongKind('text as a key', 0xc0);
    return this.text();
  }

  /** Text from raw, str or bin; nil is empty. Raises BAD_TEXT when it is not UTF-8. */
  text(): string {
    return this.#text(false);
  }

  /** As `text`, but what is not UTF-8 reads as U+FFFD. */
  lossyText(): string {
    return this.#text(true);
  }

  /** Bytes from raw, str, bin or an array of small integers, as a view where possible; nil is undefined. */
  bytes(): Uint8Array | undefined {
    const head = this.#u8();
    const length = this.#stringLength(head);
    if (length >= 0) {
      const start = this.#take(length);
      return this.#view(start, start + length);
    }
    if (head === 0xc0) return undefined;
    this.#offset -= 1;
    return this.#byteArray();
  }

  /** As `bytes`, in memory of its own: for what outlives the packet. */
  bytesCopy(): Uint8Array | undefined {
    const head = this.#u8();
    const length = this.#stringLength(head);
    if (length >= 0) return this.#copy(this.#take(length), length);
    if (head === 0xc0) return undefined;
    this.#offset -= 1;
    return this.#byteArray();
  }

  /** A whole number from 0 to `max`, which is at most 2^53 − 1. Raises OUT_OF_RANGE beyond. */
  uint(max: number): number {
    const head = this.#u8();
    const value = head < 0x80 ? head : this.#integer(head);
    if (typeof value === 'bigint' || value < 0 || value > max) {
      throw new DecodeError('OUT_OF_RANGE', `${value} is not between 0 and ${max}`);
    }
    return value;
  }

  /** Any non-negative whole number that msgpack can hold. */
  bigUint(): bigint {
    const value = BigInt(this.integer());
    if (value < 0n) throw new DecodeError('OUT_OF_RANGE', `${value} is negative`);
    return value;
  }

  /** A whole number within ±(2^53 − 1). */
  int(): number {
    const value = this.integer();
    if (typeof value === 'number') return value;
    throw new DecodeError('OUT_OF_RANGE', `${value} is beyond 2^53`);
  }

  /** Any whole number; a bigint exactly when it is beyond ±(2^53 − 1). */
  integer(): number | bigint {
    return this.#integer(this.#u8());
  }

  /** True or false, also given as the small integers 1 and 0. */
  bool(): boolean {
    const head = this.#u8();
    if (head === 0xc3 || head === 1) return true;
    if (head === 0xc2 || head === 0 || head === 0xc0) return false;
    throw this.#wrongKind('a boolean', head);
  }

  /** A float of either width, or any integer. */
  float(): number {
    const head = this.#u8();
    if (head === 0xcb) {
      floatScratch.setUint32(0, this.#u32());
      floatScratch.setUint32(4, this.#u32());
      return floatScratch.getFloat64(0);
    }
    if (head === 0xca) {
      floatScratch.setUint32(0, this.#u32());
      return floatScratch.getFloat32(0);
    }
    return Number(this.#integer(head));
  }

  /** An extension's type and bytes. */
  extension(): { readonly extensionType: number; readonly data: Uint8Array } {
    const head = this.#u8();
    const length = this.#extensionLength(head);
    if (length < 0) throw this.#wrongKind('an extension', head);
    const extensionType = (this.#u8() << 24) >> 24;
    const start = this.#take(length);
    return { extensionType, data: this.#view(start, start + length) };
  }

  /** Reads one value of any kind and forgets it. Raises TOO_DEEP beyond `maxSkipDepth` levels. */
  skip(): void {
    this.#skip(maxSkipDepth);
  }

  #skip(levels: number): void {
    const kind = this.kind();
    if (kind === 'array' || kind === 'map') {
      if (levels === 0) throw new DecodeError('TOO_DEEP', 'a value nests too deep');
      const children = kind === 'map' ? this.mapHeader() * 2 : this.arrayHeader();
      for (let child = 0; child < children; child += 1) this.#skip(levels - 1);
    } else if (kind === 'text' || kind === 'bytes') {
      this.#take(this.#stringLength(this.#u8()));
    } else if (kind === 'extension') {
      this.extension();
    } else if (kind === 'float') {
      this.float();
    } else if (kind === 'int') {
      this.integer();
    } else {
      this.#offset += 1;
    }
  }

  #text(lenient: boolean): string {
    const head = this.#u8();
    const length = this.#stringLength(head);
    if (length < 0) {
      if (head === 0xc0) return '';
      throw this.#wrongKind('text', head);
    }
    const start = this.#take(length);
    return decodeUtf8(this.#bytes, start, start + length, lenient);
  }

  #byteArray(): Uint8Array {
    const kind = this.kind();
    if (kind !== 'array') throw this.#wrongKind('bytes', this.#peek());
    const values = new Uint8Array(this.arrayHeader());
    for (let index = 0; index < values.length; index += 1) values[index] = this.uint(0xff);
    return values;
  }

  #integer(head: number): number | bigint {
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x100;
    switch (head) {
      case 0xc0:
        return 0;
      case 0xcc:
        return this.#u8();
      case 0xcd:
        return this.#u16();
      case 0xce:
        return this.#u32();
      case 0xcf:
        return joined(this.#u32(), this.#u32());
      case 0xd0:
        return (this.#u8() << 24) >> 24;
      case 0xd1:
        return (this.#u16() << 16) >> 16;
      case 0xd2:
        return this.#u32() | 0;
      case 0xd3:
        return joined(this.#u32() | 0, this.#u32());
      default:
        throw this.#wrongKind('an integer', head);
    }
  }

  /** The length of the raw, str or bin that `head` begins; −1 when it begins something else. */
  #stringLength(head: number): number {
    if ((head & 0xe0) === 0xa0) return head & 0x1f;
    switch (head) {
      case 0xc4:
      case 0xd9:
        return this.#u8();
      case 0xc5:
      case 0xda:
        return this.#u16();
      case 0xc6:
      case 0xdb:
        return this.#u32();
      default:
        return -1;
    }
  }

  #extensionLength(head: number): number {
    if (head >= 0xd4 && head <= 0xd8) return 1 << (head - 0xd4);
    if (head === 0xc7) return this.#u8();
    if (head === 0xc8) return this.#u16();
    return head === 0xc9 ? this.#u32() : -1;
  }

  #equals(start: number, length: number, name: Uint8Array | undefined): boolean {
    if (name === undefined || name.length !== length) return false;
    for (let index = 0; index < length; index += 1) {
      if (this.#bytes[start + index] !== name[index]) return false;
    }
    return true;
  }

  /** A plain Uint8Array even when the bytes are a Buffer, whose methods differ. */
  #view(start: number, end: number): Uint8Array {
    const { buffer, byteOffset } = this.#bytes;
    return new Uint8Array(buffer, byteOffset + start, end - start);
  }

  /** Short strings are the rule: a loop beats the calls that copy long ones. */
  #copy(start: number, length: number): Uint8Array {
    const bytes = this.#bytes;
    const copy = new Uint8Array(length);
    if (length > shortBytes) copy.set(bytes.subarray(start, start + length));
    else {
      for (let index = 0; index < length; index += 1) copy[index] = bytes[start + index] as number;
    }
    return copy;
  }

  /** A count that the bytes left can bear, at `least` bytes for each. */
  #counted(count: number, least: number): number {
    if (count * least > this.remaining) throw truncated();
    return count;
  }

  /** Passes `length` bytes and says where they began. */
  #take(length: number): number {
    const start = this.#offset;
    if (length > this.#end - start) throw truncated();
    this.#offset = start + length;
    return start;
  }

  #peek(): number {
    if (this.#offset >= this.#end) throw truncated();
    return this.#bytes[this.#offset] as number;
  }

  #u8(): number {
    const at = this.#offset;
    if (at >= this.#end) throw truncated();
    this.#offset = at + 1;
    return this.#bytes[at] as number;
  }

  #u16(): number {
    const at = this.#take(2);
    return ((this.#bytes[at] as number) << 8) | (this.#bytes[at + 1] as number);
  }

  #u32(): number {
    const at = this.#take(4);
    const bytes = this.#bytes;
    const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const low = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    return high * 0x1_0000 + low;
  }

  #wrongKind(wanted: string, head: number): DecodeError {
    const found = head.toString(16).padStart(2, '0');
    return new DecodeError('BAD_BODY', `${wanted} was expected, byte ${found} found`);
  }
}

/** What the bytes c0 to df begin. */
const kinds: readonly (MsgpackKind | undefined)[] = [
  ...(['nil', undefined, 'bool', 'bool', 'bytes', 'bytes', 'bytes'] as const),
  ...(['extension', 'extension', 'extension', 'float', 'float'] as const),
  ...(['int', 'int', 'int', 'int', 'int', 'int', 'int', 'int'] as const),
  ...(['extension', 'extension', 'extension', 'extension', 'extension'] as const),
  ...(['text', 'text', 'text', 'array', 'array', 'map', 'map'] as const),
];

function joined(high: number, low: number): number | bigint {
  const value = high * twoTo32 + low;
  if (Number.isSafeInteger(value)) return value;
  return BigInt(high) * BigInt(twoTo32) + BigInt(low);
}

function truncated(): DecodeError {
  return new DecodeError('TRUNCATED', 'the bytes end inside a value');
}
