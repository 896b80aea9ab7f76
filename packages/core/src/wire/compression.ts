import { DecodeError } from './decode-error.js';
import { compressLzw, decompressLzw } from './lzw.js';
import { messageType } from './message-type.js';
import { FieldNames, MsgpackReader } from './msgpack-reader.js';
import { MsgpackWriter } from './msgpack-writer.js';

/** What memberlist's newest version takes at most from one compressed message (spec/01 §12). */
export const maxDecompressedBytes = 40 * 1024 * 1024;

/** The only algorithm there is. */
const lzw = 0;
const writer = new MsgpackWriter('gossip');

/** `message` as a compressed message, type byte first. It may come out longer. */
export function encodeCompressed(message: Uint8Array): Uint8Array {
  writeCompressed(message);
  return writer.finish();
}

/**
 * The same where it comes out shorter than `message`, which then is not needed any more; otherwise undefined. A view
 * that the next call overwrites: this is tried on every packet.
 */
export function compressedIfShorter(message: Uint8Array): Uint8Array | undefined {
  writeCompressed(message);
  return writer.length < message.length ? writer.view() : undefined;
}

function writeCompressed(message: Uint8Array): void {
  writer.reset();
  writer.byte(messageType.compressed).mapHeader(2);
  writer.key('Algo').uint(lzw).key('Buf').bytes(compressLzw(message));
}

const fields = new FieldNames('Algo', 'Buf');

/**
 * What a compressed message holds; `body` follows its type byte. Raises DecodeError when it is malformed, of an unknown
 * algorithm, or expands to more than `maxBytes`.
 */
export function decodeCompressed(body: Uint8Array, maxBytes: number): Uint8Array {
  const reader = new MsgpackReader(body);
  let algorithm = 0;
  let packed: Uint8Array | undefined;
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(fields)) {
      case 'Algo':
        algorithm = reader.uint(0xff);
        break;
      case 'Buf':
        packed = reader.bytes();
        break;
      default:
        reader.skip();
    }
  }
  if (algorithm !== lzw) {
    throw new DecodeError('BAD_COMPRESSION', `compression algorithm ${algorithm} is unknown`);
  }
  if (packed === undefined) throw new DecodeError('BAD_COMPRESSION', 'nothing was compressed');
  return decompressLzw(packed, maxBytes);
}
