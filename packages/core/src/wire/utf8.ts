import { decodeUtf8 } from './text-decoder.js';

const encoder = new TextEncoder();

/** How many bytes a text has as UTF-8. */
export function utf8Length(text: string): number {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0x7f) return encoder.encode(text).length;
  }
  return text.length;
}

export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** U+FFFD stands for what cannot be read. */
export function utf8Text(bytes: Uint8Array): string {
  return decodeUtf8(bytes, 0, bytes.length, true);
}

/** The text as it arrives elsewhere: U+FFFD stands for half of a surrogate pair, which UTF-8 cannot carry. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
