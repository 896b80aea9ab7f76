import { DecodeError } from './decode-error.js';
import { messageType } from './message-type.js';

/** The length is one byte (spec/01 §9). */
const maxLabelBytes = 255;

const encoder = new TextEncoder();
const noBytes = new Uint8Array(0);
let latest = { label: '', bytes: noBytes, header: noBytes };

/** The label's bytes, which encryption authenticates. None for the empty label. */
export function labelBytes(label: string): Uint8Array {
  return encoded(label).bytes;
}

/** What stands before every packet and dialled stream. Nothing for the empty label. */
export function labelHeader(label: string): Uint8Array {
  return encoded(label).header;
}

/** What the beginning of a packet or accepted stream says of its label. */
export type LabelStart =
  /** More bytes are needed to tell. */
  { readonly complete: false } | { readonly complete: true; readonly headerBytes: number };

/**
 * Reads the label that `bytes` begin with and holds it against the configured one. Raises BAD_LABEL for an empty one,
 * WRONG_LABEL for another than `label`.
 */
export function readLabel(bytes: Uint8Array, label: string): LabelStart {
  const wanted = labelBytes(label);
  if (bytes.length === 0) return { complete: false };
  if (bytes[0] !== messageType.label) {
    if (wanted.length > 0) throw new DecodeError('WRONG_LABEL', 'no label, but one is wanted');
    return { complete: true, headerBytes: 0 };
  }
  const length = bytes[1];
  if (length === undefined) return { complete: false };
  if (length === 0) throw new DecodeError('BAD_LABEL', 'label header cannot be empty');
  if (bytes.length < 2 + length) return { complete: false };
  if (length !== wanted.length || !wanted.every((byte, index) => byte === bytes[2 + index])) {
    throw new DecodeError('WRONG_LABEL', 'the label is of another cluster');
  }
  return { complete: true, headerBytes: 2 + length };
}

/** A process has one label; a simulation's nodes usually share one. */
function encoded(label: string): { readonly bytes: Uint8Array; readonly header: Uint8Array } {
  if (label !== latest.label) {
    const bytes = encoder.encode(label);
    if (bytes.length > maxLabelBytes) {
      throw new RangeError(`a label of ${bytes.length} bytes, over ${maxLabelBytes}`);
    }
    const header = Uint8Array.of(messageType.label, bytes.length, ...bytes);
    latest = { label, bytes, header: bytes.length === 0 ? noBytes : header };
  }
  return latest;
}
