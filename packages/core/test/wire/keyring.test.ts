import { describe, expect, test } from 'vitest';
import { Keyring, KeyringError } from '../../src/wire/keyring.js';

const key = (byte: number, length = 16) => new Uint8Array(length).fill(byte);

describe('a keyring', () => {
  test('has its primary first, then the others, each once', () => {
    const ring = new Keyring([key(1), key(2), key(3), key(1)], key(2));

    expect(ring.keys).toEqual([key(2), key(1), key(3)]);
    expect(ring.primary).toEqual(key(2));
    expect(ring.enabled).toBe(true);
  });

  test('may be empty, which means no encryption, but has no keys without a primary', () => {
    expect(new Keyring().enabled).toBe(false);
    expect(new Keyring().primary).toBeUndefined();
    expect(() => new Keyring([key(1)])).toThrow(KeyringError);
  });

  test('takes keys of three sizes and adds them at the end', () => {
    const ring = new Keyring();
    for (const length of [16, 24, 32]) ring.add(key(1, length));
    ring.add(key(1, 24));

    expect(ring.keys.map((each) => each.length)).toEqual([16, 24, 32]);
    expect(() => ring.add(key(1, 15))).toThrow('key size must be 16, 24 or 32 bytes');
  });

  test('makes a key the primary and leaves the others in order', () => {
    const ring = new Keyring([key(2), key(3)], key(1));
    ring.use(key(3));

    expect(ring.keys).toEqual([key(3), key(1), key(2)]);
    expect(() => ring.use(key(9))).toThrow('requested key is not in the keyring');
  });

  test('removes any key but the primary', () => {
    const ring = new Keyring([key(2)], key(1));
    ring.remove(key(2));
    ring.remove(key(9));

    expect(ring.keys).toEqual([key(1)]);
    expect(() => ring.remove(key(1))).toThrow('removing the primary key is not allowed');
  });

  test('is not changed through what was given to it or handed out', () => {
    const given = key(1);
    const ring = new Keyring([], given);
    given.fill(9);
    (ring.keys as Uint8Array[]).pop();

    expect(ring.keys).toEqual([key(1)]);
  });

  test('takes other keys in the place of all, or none of them', () => {
    const ring = new Keyring([key(2)], key(1));
    ring.replace([key(3), key(1), key(3)]);

    expect(ring.keys).toEqual([key(3), key(1)]);
    expect(() => ring.replace([key(4), new Uint8Array(5)])).toThrow('key size must be');
    expect(ring.keys).toEqual([key(3), key(1)]);
  });
});
