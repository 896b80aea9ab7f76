import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compressLzw, decompressLzw } from '../../src/wire/lzw.js';
import { fromHex, joinRepeated, type LzwVector, lzw, toHex } from './vectors.js';

const limit = 40 * 1024 * 1024;
const bytesOf = (hex: string | undefined, parts: LzwVector['plain_parts']) =>
  parts === undefined ? fromHex(hex ?? '') : joinRepeated(parts);

test.each(lzw.map((vector) => [vector.id, vector] as const))(
  '%s compresses to the bytes that Go gives, and back',
  (_id, vector) => {
    const plain = bytesOf(vector.plain, vector.plain_parts);
    const packed = bytesOf(vector.lzw, vector.lzw_parts);

    expect(Buffer.compare(compressLzw(plain), packed)).toBe(0);
    expect(Buffer.compare(decompressLzw(packed, limit), plain)).toBe(0);
  },
);

test.each([
  ['', '000302'],
  ['61', '00c30404'],
  ['68656c6c6f2068656c6c6f2068656c6c6f2068656c6c6f', '00d19461c3e60d0881040d222c787060c180'],
])('%s compresses as the specification shows', (plain, packed) => {
  expect(toHex(compressLzw(fromHex(plain)))).toBe(packed);
});

test('whatever is compressed comes back, over many fillings of the table', () => {
  const repetitive = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 200 }))
    .map(([piece, times]) => Uint8Array.from(Buffer.concat(new Array(times).fill(piece))));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 20_000 }), repetitive), (plain) => {
      expect(Buffer.compare(decompressLzw(compressLzw(plain), limit), plain)).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test('a bomb is refused at the limit, before it has grown beyond', () => {
  const packed = compressLzw(new Uint8Array(1_000_000));

  expect(packed.length).toBeLessThan(5_000);
  expect(decompressLzw(packed, 1_000_000)).toHaveLength(1_000_000);
  expect(() => decompressLzw(packed, 999_999)).toThrow('exceeds 999999 bytes');
});

test('what ends before the end code, or names a code not given yet, is refused', () => {
  const packed = compressLzw(fromHex('0102030405060708'));

  expect(() => decompressLzw(packed.subarray(0, -2), limit)).toThrow('before the end code');
  expect(() => decompressLzw(fromHex('00ffff'), limit)).toThrow('has no meaning');
});

test('bytes after the end code are ignored', () => {
  expect(toHex(decompressLzw(fromHex('00c30404deadbeef'), limit))).toBe('61');
});
