import { checksumHeaderBytes, openChecksum, writeChecksum } from './checksum.js';
import { decodeCompound, encodeCompound } from './compound.js';
import { compressedIfShorter, decodeCompressed } from './compression.js';
import { DecodeError } from './decode-error.js';
import { openSealed, sealInto, sealOverheadBytes } from './encryption.js';
import type { Keyring } from './keyring.js';
import { labelBytes, labelHeader, readLabel } from './label.js';
import { messageType } from './message-type.js';

/** How this node wraps what it sends, and what it insists on in what it receives. */
export interface PacketSeal {
  /** Others' compressed messages are read either way. */
  readonly compression: boolean;
  /** Decided at each use: a ring without keys is as good as none. */
  readonly keyring: Keyring | undefined;
  /** Keeps clusters apart that meet on one network; empty for none. At most 255 bytes. */
  readonly label: string;
  /** Refuse what is not encrypted, while there is a key. */
  readonly verifyIncoming: boolean;
  /** Encrypt, while there is a key. Off only while keys are rolled out (spec/01 §8.5). */
  readonly verifyOutgoing: boolean;
}

export interface OpenedPacket {
  /** The messages, type byte first, in their order; views of the packet or of what was decrypted or expanded. */
  readonly parts: readonly Uint8Array[];
  /** What was wrong with the rest. */
  readonly rejected: readonly DecodeError[];
}

const noBytes = new Uint8Array(0);

/** Compounds and compressed messages may hold each other; Go follows to any depth (spec/01 §16 W6). */
const maxNesting = 8;
/** No honest packet holds more messages than one compound, nor expands beyond a few datagrams. */
const maxMessagesPerPacket = 1024;
const maxExpandedBytes = 1024 * 1024;

/**
 * One datagram from messages (spec/01 §4.1): a compound when there are several, compressed when that makes it shorter,
 * then checksum, encryption and label. A message that needs none of them is returned as it is. Raises RangeError for no
 * parts, more than 255, or an empty one.
 */
export function sealPacket(
  parts: readonly Uint8Array[],
  checksum: boolean,
  seal: PacketSeal,
): Uint8Array {
  const [only] = parts;
  if (only?.length === 0) throw new RangeError('a packet of nothing');
  const message = parts.length === 1 && only !== undefined ? only : encodeCompound(parts);
  const content = (seal.compression && compressedIfShorter(message)) || message;
  const header = labelHeader(seal.label);
  if (isSealing(seal)) {
    const plain = checksum ? framed(noBytes, content, true) : content;
    const packet = new Uint8Array(header.length + sealOverheadBytes + plain.length);
    packet.set(header);
    sealInto(packet, header.length, plain, seal.keyring, labelBytes(seal.label));
    return packet;
  }
  if (content === message && !checksum && header.length === 0) return message;
  return framed(header, content, checksum);
}

/** `content` behind a header and the checksum's wrapper. */
function framed(header: Uint8Array, content: Uint8Array, checksum: boolean): Uint8Array {
  const contentAt = header.length + (checksum ? checksumHeaderBytes : 0);
  const bytes = new Uint8Array(contentAt + content.length);
  bytes.set(header);
  bytes.set(content, contentAt);
  if (checksum) writeChecksum(bytes, header.length);
  return bytes;
}

/**
 * The messages in one datagram (spec/01 §4.2). Whole parts of a compound survive what is wrong beside them. Raises
 * DecodeError when nothing of the packet can be used.
 */
export function openPacket(packet: Uint8Array, seal: PacketSeal): OpenedPacket {
  const plain = openChecksum(decrypted(withoutLabel(packet, seal.label), seal));
  if (plain.length === 0) throw new DecodeError('EMPTY', 'an empty packet');
  if (plain[0] !== messageType.compound && plain[0] !== messageType.compressed) {
    return { parts: [plain], rejected: [] };
  }
  const unwrapping = new Unwrapping();
  unwrapping.unwrap(plain, 0);
  const { parts, rejected } = unwrapping;
  if (parts.length === 0) {
    throw rejected[0] ?? new DecodeError('EMPTY', 'a packet that holds no message');
  }
  return { parts, rejected };
}

/**
 * What wrapping adds to a packet's messages, at most: checksum, encryption, label. Encryption counts whenever there is
 * a key, so that nothing changes size when it is switched on.
 */
export function packetOverheadBytes(seal: PacketSeal): number {
  const encryption = seal.keyring?.enabled ? sealOverheadBytes : 0;
  return checksumHeaderBytes + encryption + labelHeader(seal.label).length;
}

/** Whether what is sent is encrypted. */
export function isSealing<Seal extends PacketSeal>(
  seal: Seal,
): seal is Seal & { readonly keyring: Keyring } {
  return seal.verifyOutgoing && seal.keyring?.enabled === true;
}

/** Whether what is received must be encrypted. */
export function isEncryptionRequired(seal: PacketSeal): boolean {
  return seal.verifyIncoming && seal.keyring?.enabled === true;
}

function withoutLabel(packet: Uint8Array, label: string): Uint8Array {
  if (packet.length === 0) throw new DecodeError('EMPTY', 'an empty packet');
  const start = readLabel(packet, label);
  if (!start.complete) throw new DecodeError('BAD_LABEL', 'a packet ends inside its label');
  return start.headerBytes === 0 ? packet : packet.subarray(start.headerBytes);
}

function decrypted(content: Uint8Array, seal: PacketSeal): Uint8Array {
  if (!seal.keyring?.enabled) return content;
  try {
    return openSealed(content, seal.keyring, labelBytes(seal.label));
  } catch (error) {
    if (!(error instanceof DecodeError) || seal.verifyIncoming) throw error;
    return content; // plaintext is welcome too, while keys are rolled out
  }
}

/**
 * Takes compounds and compressed messages apart. Whatever a packet claims or hides, the work on it stays bounded: so many
 * messages, looked at or refused, and so many expanded bytes.
 */
class Unwrapping {
  readonly parts: Uint8Array[] = [];
  readonly rejected: DecodeError[] = [];
  #visited = 0;
  #expandedBytes = 0;
  /** Nothing more of this packet is looked at. */
  #closed = false;

  unwrap(message: Uint8Array, depth: number): void {
    if (this.#closed) return;
    try {
      this.#visit(message, depth);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#reject(error);
    }
  }

  #visit(message: Uint8Array, depth: number): void {
    this.#visited += 1;
    if (this.#visited > maxMessagesPerPacket) {
      this.#closed = true;
      throw new DecodeError('TOO_LARGE', `over ${maxMessagesPerPacket} messages in one packet`);
    }
    const type = message[0];
    if (type === undefined) throw new DecodeError('EMPTY', 'an empty message');
    if (type !== messageType.compound && type !== messageType.compressed) {
      this.parts.push(message);
    } else if (depth >= maxNesting) {
      throw new DecodeError('TOO_DEEP', `a packet nests deeper than ${maxNesting}`);
    } else if (type === messageType.compound) {
      const cutOff = decodeCompound(message, (part) => this.unwrap(part, depth + 1));
      if (cutOff !== undefined) throw cutOff;
    } else {
      this.unwrap(this.#expand(message), depth + 1);
    }
  }

  #expand(message: Uint8Array): Uint8Array {
    // What fails may have cost much before it did, so it is the last of its packet.
    this.#closed = true;
    const left = maxExpandedBytes - this.#expandedBytes;
    const expanded = decodeCompressed(message.subarray(1), left);
    this.#closed = false;
    this.#expandedBytes += expanded.length;
    return expanded;
  }

  /** One of each code is enough to count, and to say. */
  #reject(error: DecodeError): void {
    if (!this.rejected.some(({ code }) => code === error.code)) this.rejected.push(error);
  }
}
