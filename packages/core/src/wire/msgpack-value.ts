import { DecodeError } from './decode-error.js';
import { type MsgpackReader, maxSkipDepth } from './msgpack-reader.js';

/** A value of a kind that neither protocol uses; decoded so that it can be ignored. */
export interface MsgpackExtension {
  readonly extensionType: number;
  readonly data: Uint8Array;
}

/**
 * Any msgpack value. Nil is undefined. Whole numbers beyond ±(2^53 − 1) are bigints. Byte strings, and text that is not
 * UTF-8, are views of the bytes read. Maps keep the order of the wire; of a repeated key the last value counts.
 */
export type MsgpackValue =
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | MsgpackExtension
  | MsgpackValue[]
  | Map<MsgpackValue, MsgpackValue>;

/**
 * Reads one value of any kind. Where a float must be told from an integer, or text from bytes, use the reader's own
 * methods instead. Raises DecodeError, TOO_DEEP beyond 64 levels.
 */
export function decodeValue(reader: MsgpackReader): MsgpackValue {
  return decodeNested(reader, maxSkipDepth);
}

function decodeNested(reader: MsgpackReader, levels: number): MsgpackValue {
  switch (reader.kind()) {
    case 'nil':
      reader.tryNil();
      return undefined;
    case 'bool':
      return reader.bool();
    case 'int':
      return reader.integer();
    case 'float':
      return reader.float();
    case 'text':
      return textOrBytes(reader);
    case 'bytes':
      return reader.bytes();
    case 'extension':
      return reader.extension();
    case 'array':
      return decodeArray(reader, levels);
    case 'map':
      return decodeMap(reader, levels);
  }
}

function decodeArray(reader: MsgpackReader, levels: number): MsgpackValue[] {
  if (levels === 0) throw tooDeep();
  const values: MsgpackValue[] = [];
  const count = reader.arrayHeader();
  for (let index = 0; index < count; index += 1) values.push(decodeNested(reader, levels - 1));
  return values;
}

function decodeMap(reader: MsgpackReader, levels: number): Map<MsgpackValue, MsgpackValue> {
  if (levels === 0) throw tooDeep();
  const values = new Map<MsgpackValue, MsgpackValue>();
  const count = reader.mapHeader();
  for (let index = 0; index < count; index += 1) {
    const key = decodeNested(reader, levels - 1);
    values.set(key, decodeNested(reader, levels - 1));
  }
  return values;
}

/** Old clients send payloads as str: what is not UTF-8 must survive as the bytes it is. */
function textOrBytes(reader: MsgpackReader): string | Uint8Array {
  const start = reader.offset;
  try {
    return reader.text();
  } catch (error) {
    if (!(error instanceof DecodeError) || error.code !== 'BAD_TEXT') throw error;
    return reader.back(start).bytes() as Uint8Array;
  }
}

function tooDeep(): DecodeError {
  return new DecodeError('TOO_DEEP', 'a value nests too deep');
}
