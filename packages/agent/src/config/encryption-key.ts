import { ConfigError } from './config-error.js';

/**
 * Reads an encryption key in standard, padded base64. Its size is checked where the keyring is made, as in Serf.
 *
 * @throws {ConfigError} with Go's words and the place of the first bad letter
 */
export function readEncryptionKey(text: string): Uint8Array {
  // Go skips line ends, which copied keys often bring along.
  const letters = text.replaceAll(/[\r\n]/g, '');
  const bad = firstBad(letters);
  if (bad !== undefined) {
    throw new ConfigError(
      'BAD_VALUE',
      `Invalid encryption key: illegal base64 data at input byte ${bad} (a key is base64 of 16, 24 or 32 bytes; tserf keygen makes one)`,
    );
  }
  return new Uint8Array(Buffer.from(letters, 'base64'));
}

/** Groups of four letters; the last one may end with one or two `=`. */
function firstBad(letters: string): number | undefined {
  const alien = letters.replace(/={1,2}$/, '').search(/[^A-Za-z0-9+/]/);
  if (alien >= 0) return alien;
  const rest = letters.length % 4;
  return rest === 0 ? undefined : letters.length - rest;
}
