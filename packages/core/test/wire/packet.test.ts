import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCompound } from '../../src/wire/compound.js';
import { encodeCompressed } from '../../src/wire/compression.js';
import { Keyring } from '../../src/wire/keyring.js';
import {
  openPacket,
  type PacketSeal,
  packetOverheadBytes,
  sealPacket,
} from '../../src/wire/packet.js';
import { encryptedSeal, fromHex, plainSeal, toHex } from './vectors.js';

const key = (byte: number, length = 32) => new Uint8Array(length).fill(byte);
const codeOf = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return (error as { code: string }).code;
  }
};
/** A message of a type that is never unwrapped. */
function user(length: number): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(1 + length).fill(0x61);
  message[0] = 8;
  return message;
}

const anySeal: fc.Arbitrary<PacketSeal> = fc.record({
  compression: fc.boolean(),
  keyring: fc.constantFrom(
    undefined,
    new Keyring(),
    new Keyring([], key(1, 16)),
    new Keyring([], key(2, 24)),
    new Keyring([key(4)], key(3)),
  ),
  label: fc.constantFrom('', 'prod', 'x'.repeat(255)),
  verifyIncoming: fc.constant(true),
  verifyOutgoing: fc.constant(true),
});

test('whatever is sealed opens to the same parts', () => {
  const part = fc
    .uint8Array({ minLength: 1, maxLength: 400 })
    .map((bytes) => Uint8Array.of(8, ...bytes));
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 255 }),
      fc.boolean(),
      anySeal,
      (parts, checksum, seal) => {
        const packet = sealPacket(parts, checksum, seal);

        const opened = openPacket(packet, seal);
        expect(opened.rejected).toEqual([]);
        expect(opened.parts.map(toHex)).toEqual(parts.map(toHex));
      },
    ),
  );
});

test('the overhead that is announced is the most that wrapping adds', () => {
  fc.assert(
    fc.property(anySeal, fc.boolean(), (seal, checksum) => {
      const part = crypto.getRandomValues(user(100));
      part[0] = 8;

      expect(sealPacket([part], checksum, seal).length).toBeLessThanOrEqual(
        part.length + packetOverheadBytes(seal),
      );
    }),
  );
  expect(packetOverheadBytes(plainSeal)).toBe(5);
  expect(packetOverheadBytes({ ...encryptedSeal, label: 'prod' })).toBe(5 + 29 + 6);
});

describe('sealing', () => {
  test('refuses what would harm old agents, or does not fit', () => {
    const seal =
      (...parts: Uint8Array[]) =>
      () =>
        sealPacket(parts, false, plainSeal);

    expect(seal()).toThrow(RangeError);
    expect(seal(new Uint8Array(0))).toThrow(RangeError);
    expect(seal(user(1), new Uint8Array(0))).toThrow(RangeError);
    expect(seal(...new Array(256).fill(user(1)))).toThrow(RangeError);
    expect(seal(user(1), user(65_535))).toThrow(RangeError);
    expect(() => sealPacket([user(1)], false, { ...plainSeal, label: 'x'.repeat(256) })).toThrow(
      RangeError,
    );
  });

  test('compresses only what gets shorter by it', () => {
    const seal = { ...plainSeal, compression: true };

    expect(sealPacket([user(1_000)], false, seal)[0]).toBe(9);
    expect(sealPacket([user(5)], false, seal)).toEqual(user(5));
  });

  test('never uses a nonce twice', () => {
    const nonces = Array.from({ length: 1_000 }, () =>
      toHex(sealPacket([user(1)], false, encryptedSeal).subarray(1, 13)),
    );

    expect(new Set(nonces).size).toBe(1_000);
  });

  test('sends plaintext while keys are rolled out', () => {
    const seal = { ...encryptedSeal, verifyOutgoing: false };

    expect(sealPacket([user(3)], false, seal)).toEqual(user(3));
  });
});

describe('opening', () => {
  test('takes any key of the ring, and only those', () => {
    const sealed = (byte: number) =>
      sealPacket([user(3)], false, { ...plainSeal, keyring: new Keyring([], key(byte)) });
    const ring = { ...plainSeal, keyring: new Keyring([key(2)], key(1)) };

    expect(openPacket(sealed(1), ring).parts).toEqual([user(3)]);
    expect(openPacket(sealed(2), ring).parts).toEqual([user(3)]);
    expect(codeOf(() => openPacket(sealed(3), ring))).toBe('WRONG_KEY');
    expect(codeOf(() => openPacket(user(60), ring))).toBe('BAD_ENCRYPTION');
  });

  test('takes plaintext too while keys are rolled out', () => {
    const lenient = { ...encryptedSeal, verifyIncoming: false };

    expect(openPacket(user(60), lenient).parts).toEqual([user(60)]);
    expect(openPacket(sealPacket([user(3)], true, lenient), lenient).parts).toEqual([user(3)]);
  });

  test('refuses a sealed packet that was shown another label', () => {
    const labelled = (label: string) => ({ ...encryptedSeal, label });
    const packet = sealPacket([user(3)], false, labelled('one'));
    packet.set(new TextEncoder().encode('two'), 2);

    expect(codeOf(() => openPacket(packet, labelled('two')))).toBe('WRONG_KEY');
    expect(codeOf(() => openPacket(packet, labelled('one')))).toBe('WRONG_LABEL');
  });

  test.each([
    ['', 'EMPTY'],
    ['f4', 'BAD_LABEL'],
    ['f400', 'BAD_LABEL'],
    ['f40470726f64', 'WRONG_LABEL'],
    ['0c00000000ff', 'BAD_CHECKSUM'],
    ['07', 'BAD_COMPOUND'],
    ['0702', 'BAD_COMPOUND'],
    ['07010000', 'EMPTY'],
    ['0980', 'BAD_COMPRESSION'],
    ['09', 'TRUNCATED'],
  ])('refuses %s as %s', (hex, code) => {
    expect(codeOf(() => openPacket(fromHex(hex), plainSeal))).toBe(code);
  });

  test('W6: follows nesting to eight levels', () => {
    const nested = (levels: number) => {
      let packet: Uint8Array = user(3);
      for (let level = 0; level < levels; level += 1) packet = encodeCompound([packet]);
      return packet;
    };

    expect(openPacket(nested(8), plainSeal).parts).toEqual([user(3)]);
    expect(codeOf(() => openPacket(nested(9), plainSeal))).toBe('TOO_DEEP');
  });

  test('W6: bounds what one packet expands to, bombs beside each other included', () => {
    const bomb = encodeCompressed(user(900_000));
    const before = performance.now();

    const { parts, rejected } = openPacket(
      encodeCompound([user(3), ...new Array<Uint8Array>(254).fill(bomb)].slice(0, 15)),
      plainSeal,
    );

    expect(parts).toHaveLength(2);
    expect(rejected.map(({ code }) => code)).toEqual(['TOO_LARGE']);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
