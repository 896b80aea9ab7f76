import { encodeCompressed } from './compression.js';
import { labelHeader } from './label.js';
import { messageType } from './message-type.js';
import { MsgpackWriter } from './msgpack-writer.js';
import { isSealing, type PacketSeal } from './packet.js';
import { maxStreamPayloadBytes, sealFrame } from './stream-frame.js';

export type { StreamMessage } from './stream-body.js';
export { StreamDecodeError, StreamDecoder } from './stream-decoder.js';

const writer = new MsgpackWriter('gossip');

/**
 * A whole message, type byte first, as one direction of a stream carries it (spec/01 §10.1): compressed whenever
 * compression is on, encrypted, and on a dialled stream labelled. The answer on an accepted stream has no label header.
 * Raises RangeError when Serf would refuse it for its size.
 */
export function sealStream(
  message: Uint8Array,
  seal: PacketSeal,
  direction: 'dialled' | 'accepted',
): Uint8Array {
  const content = seal.compression ? encodeCompressed(message) : message;
  const stream = isSealing(seal) ? sealFrame(content, seal.keyring, seal.label) : content;
  const header = labelHeader(seal.label);
  if (direction === 'accepted' || header.length === 0) return stream;
  const labelled = new Uint8Array(header.length + stream.length);
  labelled.set(header);
  labelled.set(stream, header.length);
  return labelled;
}

/** The answer to a stream that could not be read. */
export function encodeErrorReply(text: string): Uint8Array {
  writer.reset();
  return writer.byte(messageType.error).mapHeader(1).key('Error').text(text).finish();
}

/**
 * A message of the layer above as a stream carries it; `body` comes without memberlist's type byte. Raises RangeError
 * when Serf would refuse it for its size.
 */
export function encodeStreamUser(body: Uint8Array): Uint8Array {
  if (body.length > maxStreamPayloadBytes) {
    throw new RangeError(`a user message of ${body.length} bytes, over ${maxStreamPayloadBytes}`);
  }
  writer.reset();
  writer.byte(messageType.user).mapHeader(1).key('UserMsgLen').int(body.length);
  return writer.raw(body).finish();
}
