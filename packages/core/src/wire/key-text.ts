/** A key that is not standard base64 with padding; the message is Serf's. */
export class KeyTextError extends Error {
  override readonly name = 'KeyTextError';
}

/**
 * Reads an encryption key: standard base64, padded, line breaks allowed. Strict, because Node's own reader takes anything
 * and a key that was copied badly would become another key. The length is the keyring's to check.
 */
export function decodeKeyText(text: string): Uint8Array {
  const bad = firstBadByte(text);
  if (bad !== undefined) throw new KeyTextError(`illegal base64 data at input byte ${bad}`);
  return new Uint8Array(Buffer.from(text, 'base64'));
}

export function encodeKeyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('base64');
}

const isLineBreak = (character: string | undefined): boolean =>
  character === '\n' || character === '\r';

/** Where the text stops being base64; for an incomplete last group, where the group begins. */
function firstBadByte(text: string): number | undefined {
  let inGroup = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isLineBreak(character)) continue;
    if (character === '=') return inGroup < 2 ? index : badPadding(text, index, 4 - inGroup);
    if (!/[A-Za-z0-9+/]/.test(character ?? '')) return index;
    inGroup = (inGroup + 1) % 4;
  }
  return inGroup === 0 ? undefined : text.length - inGroup;
}

function badPadding(text: string, start: number, wanted: number): number | undefined {
  let padding = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (isLineBreak(character)) continue;
    if (padding === wanted) return index;
    if (character !== '=') return index;
    padding += 1;
  }
  return padding === wanted ? undefined : text.length;
}
