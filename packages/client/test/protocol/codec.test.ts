import { DecodeError, MsgpackReader, MsgpackWriter } from '@tserf/core/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bool,
  bytes,
  type Codec,
  duration,
  float64,
  int32,
  listOf,
  nilOrListOf,
  optional,
  struct,
  text,
  textMap,
  unsigned,
  unsigned64,
} from '../../src/protocol/codec.js';
import { queryRecord } from '../../src/protocol/query-record.js';

const sample = struct({
  zulu: ['Zulu', text],
  alpha: ['Alpha', unsigned64],
  mike: ['Mike', bool],
});

function encode<T>(codec: Codec<T>, value: T): string {
  const writer = new MsgpackWriter('rpc');
  codec.write(writer, value);
  return Buffer.from(writer.finish()).toString('hex');
}

function decode<T>(codec: Codec<T>, hex: string): T {
  return codec.read(new MsgpackReader(Buffer.from(hex, 'hex')));
}

describe('a struct', () => {
  test('is written with all fields, sorted by name', () => {
    expect(encode(sample, { zulu: 'z', alpha: 1, mike: true })).toBe(
      '83a5416c70686101a44d696b65c3a45a756c75a17a',
    );
  });

  test('is read from a map in any order, without regard to unknown keys', () => {
    const hex = '83a45a756c75a17aa3466f6f92c0c2a5416c706861cf0000000000000001';

    expect(decode(sample, hex)).toEqual({ zulu: 'z', alpha: 1, mike: false });
  });

  test('is read from an array in the order of declaration, with missing fields zero', () => {
    expect(decode(sample, '92a17a07')).toEqual({ zulu: 'z', alpha: 7, mike: false });
    expect(decode(sample, '94a17a07c3c0')).toEqual({ zulu: 'z', alpha: 7, mike: true });
  });

  test('is zero when it is nil, and so is each field', () => {
    expect(decode(sample, 'c0')).toEqual({ zulu: '', alpha: 0, mike: false });
    expect(decode(sample, '83a45a756c75c0a5416c706861c0a44d696b65c0')).toEqual(sample.zero);
  });

  test('keeps the last of two equal keys', () => {
    expect(decode(sample, '82a5416c70686101a5416c70686102').alpha).toBe(2);
  });

  test('keeps of its base what is not there', () => {
    const base = { zulu: 'kept', alpha: 9, mike: true };
    const read = (hex: string) => sample.read(new MsgpackReader(Buffer.from(hex, 'hex')), base);

    expect(read('81a5416c70686101')).toEqual({ zulu: 'kept', alpha: 1, mike: true });
    expect(read('91a17a')).toEqual({ zulu: 'z', alpha: 9, mike: true });
    expect(read('c0')).toEqual(sample.zero);
  });

  test.each([
    ['a number', '07'],
    ['text', 'a161'],
    ['an integer as a key', '810102'],
    ['text for a number', '81a5416c706861a131'],
    ['a float for a number', '81a5416c706861cb3ff0000000000000'],
    ['a negative number', '81a5416c706861ff'],
    ['2 for a boolean', '81a44d696b6502'],
    ['a list for text', '81a45a756c7590'],
  ])('refuses %s', (_what, hex) => {
    expect(() => decode(sample, hex)).toThrow(DecodeError);
  });
});

test('an unsigned 64-bit number is a bigint exactly when a number cannot hold it', () => {
  expect(decode(unsigned64, 'cf001fffffffffffff')).toBe(Number.MAX_SAFE_INTEGER);
  expect(decode(unsigned64, 'cf0020000000000000')).toBe(2n ** 53n);
  expect(decode(unsigned64, 'cfffffffffffffffff')).toBe(2n ** 64n - 1n);
  expect(encode(unsigned64, 2n ** 63n + 5n)).toBe('cf8000000000000005');
});

test('a number that does not fit its field is refused', () => {
  expect(() => decode(unsigned(0xff), 'cd012c')).toThrow(DecodeError);
  expect(() => decode(int32, 'd30000000080000000')).toThrow(DecodeError);
  expect(decode(int32, 'd280000000')).toBe(-(2 ** 31));
});

describe('a duration', () => {
  test.each([
    [0, '00'],
    [200, 'd20bebc200'],
    [15_000, 'd3000000037e11d600'],
    [0.000_127, '7f'],
    [-0.000_001, 'ff'],
    [-1, 'd2fff0bdc0'],
    [2 ** 53, 'd37fffffffffffffff'],
    [Number.POSITIVE_INFINITY, 'd37fffffffffffffff'],
    [Number.NEGATIVE_INFINITY, 'd38000000000000001'],
  ])('of %d ms is %s in nanoseconds', (ms, hex) => {
    expect(encode(duration, ms)).toBe(hex);
  });

  test.each([
    ['ce0bebc200', 200],
    ['cf000000037e11d600', 15_000],
    ['01', 0.000_001],
    ['c0', 0],
    ['d38000000000000000', -(2 ** 63) / 1e6],
  ])('is read from %s', (hex, ms) => {
    expect(decode(duration, hex)).toBe(ms);
  });

  test('beyond 64 bits with a sign is refused', () => {
    expect(() => decode(duration, 'cf8000000000000000')).toThrow(DecodeError);
  });
});

test('a float takes eight bytes always, and is read from whatever is a number', () => {
  expect(encode(float64, 0)).toBe('cb0000000000000000');
  expect(decode(float64, 'cb3fd5555555555555')).toBe(1 / 3);
  expect(decode(float64, 'ca3f800000')).toBe(1);
  expect(decode(float64, 'cd0100')).toBe(256);
  expect(decode(float64, 'c0')).toBe(0);
  expect(() => decode(float64, 'a131')).toThrow(DecodeError);
});

test('what may be absent is nil; a list that Go leaves out is nil when it is empty', () => {
  expect(encode(optional(textMap), undefined)).toBe('c0');
  expect(encode(optional(textMap), {})).toBe('80');
  expect(decode(optional(textMap), 'c0')).toBeUndefined();
  expect(decode(optional(textMap), '80')).toEqual({});
  expect(encode(nilOrListOf(text), [])).toBe('c0');
  expect(encode(nilOrListOf(text), ['a'])).toBe('91a161');
  expect(decode(nilOrListOf(text), 'c0')).toEqual([]);
});

test('a field of our own is written only when it says something', () => {
  const codec = struct({ name: ['Name', text], early: ['Early', bool, 'extra'] });

  expect(encode(codec, { name: 'a', early: false })).toBe('81a44e616d65a161');
  expect(encode(codec, { name: 'a', early: true })).toBe('82a54561726c79c3a44e616d65a161');
  expect(decode(codec, '81a44e616d65a161').early).toBe(false);
});

test('a record of a query that nobody sent is nothing to read', () => {
  const record = (from: string, type: string) =>
    `83a446726f6d${from}a75061796c6f6164c0a454797065${type}`;
  const [ack, response, done] = ['a361636b', 'a8726573706f6e7365', 'a4646f6e65'];

  expect(decode(queryRecord, record('a0', ack))).toBeUndefined();
  expect(decode(queryRecord, record('a0', response))).toBeUndefined();
  expect(decode(queryRecord, record('a0', done))).toEqual({ type: 'done' });
  expect(decode(queryRecord, record('a161', ack))).toEqual({ type: 'ack', from: 'a' });
  expect(decode(queryRecord, record('a161', 'a26e6f'))).toBeUndefined();
  expect(encode(queryRecord, { type: 'done' })).toBe(record('a0', done));
});

test('no payload and an empty payload are two things', () => {
  expect(encode(bytes, undefined)).toBe('c0');
  expect(encode(bytes, new Uint8Array(0))).toBe('c400');
  expect(decode(bytes, 'c0')).toBeUndefined();
  expect(decode(bytes, 'c400')).toEqual(new Uint8Array(0));
  expect(decode(bytes, 'a161')).toEqual(new Uint8Array([0x61]));
  expect(decode(bytes, '920102')).toEqual(new Uint8Array([1, 2]));
});

test('a payload does not hold on to the buffer it came in', () => {
  const packet = Buffer.from('c40161', 'hex');
  const payload = bytes.read(new MsgpackReader(packet));

  packet.fill(0);

  expect(payload).toEqual(new Uint8Array([0x61]));
});

test('a map is written sorted, and may have any key', () => {
  expect(encode(textMap, { b: '2', a: '1' })).toBe('82a161a131a162a132');
  const read = decode(textMap, '81a95f5f70726f746f5f5fa178');
  expect(Object.keys(read)).toEqual(['__proto__']);
});

test('a list in the place of a map is a map whose end is missing', () => {
  const read = () => decode(textMap, '92a161a162');

  expect(read).toThrow(expect.objectContaining({ code: 'TRUNCATED' }));
});

test('a map in the place of a list is its keys and values in turn', () => {
  expect(decode(listOf(text), '82a161a162a163a164')).toEqual(['a', 'b', 'c', 'd']);
});

test('a list that claims more than is there is refused, not allocated', () => {
  expect(() => decode(listOf(text), 'ddffffffff')).toThrow(DecodeError);
});

test('what was written is read back', () => {
  const codec = struct({
    list: ['List', listOf(sample)],
    map: ['Map', textMap],
    payload: ['Payload', bytes],
    number: ['Number', int32],
  });
  const plainText = fc.string({ unit: 'grapheme' });
  const anyValue = fc.record({
    list: fc.array(
      fc.record({
        zulu: plainText,
        alpha: fc.oneof(fc.maxSafeNat(), fc.bigInt(2n ** 53n, 2n ** 64n - 1n)),
        mike: fc.boolean(),
      }),
    ),
    map: fc.dictionary(plainText, plainText, { noNullPrototype: true }),
    payload: fc.option(fc.uint8Array(), { nil: undefined }),
    number: fc.integer(),
  });

  fc.assert(
    fc.property(anyValue, (value) => {
      expect(decode(codec, encode(codec, value))).toEqual(value);
    }),
  );
});

test('arbitrary bytes decode or raise DecodeError, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      try {
        sample.read(new MsgpackReader(noise));
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }),
  );
});
