import { crc32 } from 'node:zlib';
import { DecodeError } from './decode-error.js';
import { messageType } from './message-type.js';

/** Type byte and CRC-32. */
export const checksumHeaderBytes = 5;

/** Writes the wrapper's header to `packet` at `at`, for the content that follows it up to the end (spec/01 §7). */
export function writeChecksum(packet: Uint8Array, at: number): void {
  const sum = crc32(packet.subarray(at + checksumHeaderBytes));
  packet[at] = messageType.checksum;
  packet[at + 1] = sum >>> 24;
  packet[at + 2] = (sum >>> 16) & 0xff;
  packet[at + 3] = (sum >>> 8) & 0xff;
  packet[at + 4] = sum & 0xff;
}

/** The content of a packet that may wear the wrapper. Raises BAD_CHECKSUM when it does and the sum differs. */
export function openChecksum(packet: Uint8Array): Uint8Array {
  if (packet[0] !== messageType.checksum || packet.length < checksumHeaderBytes) return packet;
  const content = packet.subarray(checksumHeaderBytes);
  const high = ((packet[1] as number) << 8) | (packet[2] as number);
  const low = ((packet[3] as number) << 8) | (packet[4] as number);
  if (crc32(content) !== high * 0x1_0000 + low) {
    throw new DecodeError('BAD_CHECKSUM', 'the checksum does not fit the packet');
  }
  return content;
}
