import type { MsgpackReader } from './wire/msgpack-reader.js';

export { DecodeError, type DecodeErrorCode } from './wire/decode-error.js';
export { MsgpackReader, type MsgpackKind } from './wire/msgpack-reader.js';
export { MsgpackWriter, type MsgpackDialect } from './wire/msgpack-writer.js';

export interface MsgpackExtension { readonly extensionType: number; readonly data: Uint8Array }
export type MsgpackValue = undefined | boolean | number | bigint | string | Uint8Array | MsgpackValue[] | Map<MsgpackValue, MsgpackValue> | MsgpackExtension;
/** nil is undefined; integers beyond 2^53 are bigints; str that is not UTF-8 comes as bytes. */
export function decodeValue(reader: MsgpackReader): MsgpackValue { void reader; throw new Error('being written'); }
export interface ObjectScannerLimits { readonly maxBytes: number; readonly maxDepth: number }
export class ObjectScanner {
  constructor(limits?: Partial<ObjectScannerLimits>) { void limits; throw new Error('being written'); }
  /** Bytes held that are not part of an object given out. */
  get pending(): number { throw new Error('being written'); }
  push(chunk: Uint8Array): void { void chunk; throw new Error('being written'); }
  /** The next complete object's bytes, or undefined until more arrives. */
  next(): Uint8Array | undefined { throw new Error('being written'); }
  /** The next `length` bytes, for what stands between objects; undefined until they are all there. */
  take(length: number): Uint8Array | undefined { void length; throw new Error('being written'); }
}
