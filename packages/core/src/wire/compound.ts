import { DecodeError } from './decode-error.js';
import { messageType } from './message-type.js';

/** The count is one byte (spec/01 §5). */
const maxCompoundParts = 255;
const maxCompoundPartBytes = 0xffff;

/**
 * Several messages as one. Raises RangeError for what the layout cannot hold, and for an empty part: those kill old
 * agents (spec/01 §16).
 */
export function encodeCompound(parts: readonly Uint8Array[]): Uint8Array {
  const count = parts.length;
  if (count < 1 || count > maxCompoundParts) throw new RangeError(`${count} parts in a compound`);
  let size = 2 + 2 * count;
  for (const part of parts) {
    if (part.length < 1 || part.length > maxCompoundPartBytes) {
      throw new RangeError(`a compound part of ${part.length} bytes`);
    }
    size += part.length;
  }
  const compound = new Uint8Array(size);
  compound[0] = messageType.compound;
  compound[1] = count;
  let lengthAt = 2;
  let partAt = 2 + 2 * count;
  for (const part of parts) {
    compound[lengthAt] = part.length >> 8;
    compound[lengthAt + 1] = part.length & 0xff;
    compound.set(part, partAt);
    lengthAt += 2;
    partAt += part.length;
  }
  return compound;
}

/**
 * Hands each part of a compound, type byte included, to `take` as a view. Parts that the end cuts off are left out and
 * the error for them is returned; empty ones are passed over. Raises BAD_COMPOUND when not even the lengths are there.
 */
export function decodeCompound(
  compound: Uint8Array,
  take: (part: Uint8Array) => void,
): DecodeError | undefined {
  const count = compound[1];
  if (count === undefined) throw new DecodeError('BAD_COMPOUND', 'a compound without a count');
  let partAt = 2 + 2 * count;
  if (partAt > compound.length) {
    throw new DecodeError(
      'BAD_COMPOUND',
      `a compound ends inside the lengths of its ${count} parts`,
    );
  }
  for (let index = 0; index < count; index += 1) {
    const lengthAt = 2 + 2 * index;
    const length = ((compound[lengthAt] as number) << 8) | (compound[lengthAt + 1] as number);
    if (partAt + length > compound.length) {
      return new DecodeError(
        'BAD_COMPOUND',
        `only ${index} of ${count} parts of a compound are whole`,
      );
    }
    if (length > 0) take(compound.subarray(partAt, partAt + length));
    partAt += length;
  }
  return undefined;
}
