import { DecodeError } from './decode-error.js';
import { openSealed, sealInto, sealOverheadBytes } from './encryption.js';
import type { Keyring } from './keyring.js';
import { labelBytes } from './label.js';
import { messageType } from './message-type.js';

/** What memberlist takes at most in one encrypted frame, or one user message, of a stream (spec/01 §12). */
export const maxStreamPayloadBytes = 20 * 1024 * 1024;

/** A frame's length, which follows its type byte. */
export const frameLengthBytes = 4;
const headerBytes = 1 + frameLengthBytes;

/**
 * A message as an encrypted frame (spec/01 §8.4). The label is authenticated in both directions of a stream, though
 * only one shows it. Raises RangeError when Serf would refuse the frame for its size.
 */
export function sealFrame(content: Uint8Array, keyring: Keyring, label: string): Uint8Array {
  const payloadBytes = content.length + sealOverheadBytes;
  if (payloadBytes > maxStreamPayloadBytes) {
    throw new RangeError(`a frame of ${payloadBytes} bytes, over ${maxStreamPayloadBytes}`);
  }
  const frame = new Uint8Array(headerBytes + payloadBytes);
  writeHeader(frame, payloadBytes);
  sealInto(frame, headerBytes, content, keyring, authenticated(payloadBytes, label));
  return frame;
}

/** How many bytes a frame announces. Raises TOO_LARGE. */
export function frameLength(bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = bytes;
  const announced = new DataView(buffer, byteOffset, length).getUint32(0);
  if (announced > maxStreamPayloadBytes) {
    throw new DecodeError('TOO_LARGE', `remote node state is larger than limit (${announced})`);
  }
  return announced;
}

/** The message in a frame's payload. Raises WRONG_KEY or BAD_ENCRYPTION. */
export function openFrame(payload: Uint8Array, keyring: Keyring, label: string): Uint8Array {
  return openSealed(payload, keyring, authenticated(payload.length, label));
}

function authenticated(payloadBytes: number, label: string): Uint8Array {
  const name = labelBytes(label);
  const bytes = new Uint8Array(headerBytes + name.length);
  writeHeader(bytes, payloadBytes);
  bytes.set(name, headerBytes);
  return bytes;
}

function writeHeader(target: Uint8Array, payloadBytes: number): void {
  target[0] = messageType.encrypted;
  new DataView(target.buffer, target.byteOffset).setUint32(1, payloadBytes);
}
