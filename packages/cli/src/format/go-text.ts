import { Buffer, isUtf8 } from 'node:buffer';

/** How many bytes a character takes, by the first of them. */
function lengthFrom(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/**
 * Bytes as text as Go reads them: each byte that is part of no character is one U+FFFD (spec/06 §5.2). The decoders of
 * the platform make one of several where a character was cut short.
 */
export function goText(bytes: Uint8Array): string {
  const whole = Buffer.from(bytes);
  if (isUtf8(whole)) return whole.toString();
  let text = '';
  for (let at = 0; at < whole.length; ) {
    const character = whole.subarray(at, at + lengthFrom(whole[at] ?? 0));
    const isValid = isUtf8(character);
    text += isValid ? character.toString() : '\ufffd';
    at += isValid ? character.length : 1;
  }
  return text;
}
