import { type CipherGCMTypes, createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { DecodeError } from './decode-error.js';
import type { Keyring } from './keyring.js';

/*
 * AES-GCM as memberlist lays it out (spec/01 §8): version, nonce, ciphertext, tag.
 */

const nonceBytes = 12;
const tagBytes = 16;
/** What sealing adds to a message: tserf writes version 1, which has no padding. */
export const sealOverheadBytes = 1 + nonceBytes + tagBytes;
const blockBytes = 16;
/** Version 0 pads, so that at least one block is there. */
const smallest: readonly number[] = [sealOverheadBytes + blockBytes, sealOverheadBytes];

/** Random bytes are cheap by the thousand and dear by the dozen. */
const nonces = new Uint8Array(nonceBytes * 256);
let nonceAt = nonces.length;

/**
 * Seals `plain` under the ring's primary key and writes the payload to `target` at `at`. `authenticated` is not in the
 * payload but must be the same for who opens it.
 */
export function sealInto(
  target: Uint8Array,
  at: number,
  plain: Uint8Array,
  keyring: Keyring,
  authenticated: Uint8Array,
): void {
  const key = keyring.primary;
  if (key === undefined) throw new Error('sealing needs a key');
  if (plain.length === 0)
    throw new RangeError('an empty message must not be sealed: it kills Serf');
  const nonce = nextNonce();
  const cipher = createCipheriv(algorithm(key), key, nonce);
  if (authenticated.length > 0) cipher.setAAD(authenticated);
  target[at] = 1;
  target.set(nonce, at + 1);
  const contentAt = at + 1 + nonceBytes;
  target.set(cipher.update(plain), contentAt);
  cipher.final();
  target.set(cipher.getAuthTag(), contentAt + plain.length);
}

/**
 * The message inside a payload of either version, opened with whichever key fits. Raises WRONG_KEY when none does,
 * BAD_ENCRYPTION when the payload is malformed.
 */
export function openSealed(
  payload: Uint8Array,
  keyring: Keyring,
  authenticated: Uint8Array,
): Uint8Array {
  const version = payload[0];
  const least = version === undefined ? undefined : smallest[version];
  if (least === undefined) {
    throw new DecodeError('BAD_ENCRYPTION', `encryption version ${version ?? 'none'} is unknown`);
  }
  if (payload.length < least) {
    throw new DecodeError('BAD_ENCRYPTION', `${payload.length} bytes cannot hold a sealed message`);
  }
  const plain = keyring.firstThatOpens((key) => openWith(key, payload, authenticated));
  if (plain === undefined) {
    throw new DecodeError('WRONG_KEY', 'no installed key could decrypt the message');
  }
  return version === 0 ? withoutPadding(plain) : plain;
}

function openWith(
  key: Uint8Array,
  payload: Uint8Array,
  authenticated: Uint8Array,
): Uint8Array | undefined {
  const contentAt = 1 + nonceBytes;
  const tagAt = payload.length - tagBytes;
  const nonce = payload.subarray(1, contentAt);
  const decipher = createDecipheriv(algorithm(key), key, nonce, { authTagLength: tagBytes });
  if (authenticated.length > 0) decipher.setAAD(authenticated);
  decipher.setAuthTag(payload.subarray(tagAt));
  const plain = decipher.update(payload.subarray(contentAt, tagAt));
  try {
    decipher.final();
  } catch {
    return undefined; // another key, or bytes that were tampered with: nobody can tell
  }
  return new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
}

/** The last byte says how much padding there is. Serf believes it blindly and can crash (spec/01 §16 W1). */
function withoutPadding(plain: Uint8Array): Uint8Array {
  const padding = plain[plain.length - 1] ?? 0;
  if (padding < 1 || padding > blockBytes || padding > plain.length) {
    throw new DecodeError('BAD_ENCRYPTION', `${padding} bytes of padding`);
  }
  return plain.subarray(0, plain.length - padding);
}

function algorithm(key: Uint8Array): CipherGCMTypes {
  if (key.length === 16) return 'aes-128-gcm';
  return key.length === 24 ? 'aes-192-gcm' : 'aes-256-gcm';
}

function nextNonce(): Uint8Array {
  if (nonceAt === nonces.length) {
    randomFillSync(nonces);
    nonceAt = 0;
  }
  nonceAt += nonceBytes;
  return nonces.subarray(nonceAt - nonceBytes, nonceAt);
}
