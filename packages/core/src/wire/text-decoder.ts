import { DecodeError } from './decode-error.js';

/** Texts up to this length are looked up among those seen lately. */
const internedBytes = 32;
const slots = 2048;
const seen: string[] = new Array<string>(slots).fill('');
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Text from UTF-8 bytes. A cluster says the same few names over and over, so short ASCII texts come from a small table
 * of fixed size: that is several times faster than decoding, and such strings carry their hash with them.
 * Raises BAD_TEXT for invalid UTF-8, unless `lenient`: then U+FFFD stands for what cannot be read.
 */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number, lenient = false): string {
  const length = end - start;
  if (length > internedBytes) return decodeLong(bytes, start, end, lenient);
  let hash = length;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte > 0x7f) return decodeLong(bytes, start, end, lenient);
    hash = Math.imul(hash ^ byte, 0x0100_0193);
  }
  const slot = (hash ^ (hash >>> 15)) & (slots - 1);
  const candidate = seen[slot] as string;
  if (candidate.length === length && spells(candidate, bytes, start)) return candidate;
  let text = '';
  for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at] as number);
  seen[slot] = text;
  return text;
}

function spells(text: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}

function decodeLong(bytes: Uint8Array, start: number, end: number, lenient: boolean): string {
  const part = bytes.subarray(start, end);
  if (lenient) return lossy.decode(part);
  try {
    return strict.decode(part);
  } catch (cause) {
    throw new DecodeError('BAD_TEXT', 'text is not valid UTF-8', { cause });
  }
}
