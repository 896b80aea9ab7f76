import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../src/wire/decode-error.js';
import { MsgpackReader } from '../../src/wire/msgpack-reader.js';
import { MsgpackWriter } from '../../src/wire/msgpack-writer.js';
import { ObjectScanner } from '../../src/wire/object-scanner.js';
import { fromHex, toHex } from './vectors.js';

/** What a scanner gives out of chunks that end where `cuts` says. */
function scan(bytes: Uint8Array, cuts: readonly number[]): string[] {
  const scanner = new ObjectScanner();
  const objects: string[] = [];
  const ends = [...new Set([...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort(
    (a, b) => a - b,
  );
  let from = 0;
  for (const to of ends) {
    scanner.push(bytes.slice(from, to));
    from = to;
    for (let object = scanner.next(); object; object = scanner.next()) objects.push(toHex(object));
  }
  return objects;
}

const everyKind = [
  '00',
  'ff',
  'c0',
  'c2',
  'a0',
  'a3616263',
  'd903616263',
  'da0003616263',
  'db00000003616263',
  'c403010203',
  'c50003010203',
  'c600000003010203',
  'c70301aabbcc',
  'c8000301aabbcc',
  'c90000000301aabbcc',
  'd401aa',
  'd501aabb',
  'd601aabbccdd',
  `d701${'aa'.repeat(8)}`,
  `d801${'aa'.repeat(16)}`,
  'ca3f800000',
  'cb3ff0000000000000',
  'cc80',
  'cd8000',
  'ce80000000',
  `cf${'80'.repeat(8)}`,
  'd080',
  'd18000',
  'd280000000',
  `d3${'80'.repeat(8)}`,
  '80',
  '90',
  '81a16193010203',
  'dc00029190c0',
  'dd0000000101',
  'de0001a16181a16201',
  'df0000000101c3',
];

describe('an object scanner', () => {
  test.each(everyKind)('finds the end of %s as the reader does', (hex) => {
    const bytes = fromHex(`${hex}07`);
    const reader = new MsgpackReader(bytes);
    reader.skip();

    expect(reader.offset).toBe(hex.length / 2);
    expect(scan(bytes, [])).toEqual([hex, '07']);
  });

  test('gives out the same objects however the stream is cut', () => {
    const objects = fc.array(fc.constantFrom(...everyKind), { maxLength: 40 });
    fc.assert(
      fc.property(objects, fc.array(fc.nat(300)), (hexes, cuts) => {
        expect(scan(fromHex(hexes.join('')), cuts)).toEqual(hexes);
      }),
    );
  });

  test('takes one byte at a time', () => {
    const all = everyKind.join('');

    expect(
      scan(
        fromHex(all),
        Array.from(all, (_, at) => at),
      ),
    ).toEqual(everyKind);
  });

  test('hands out what stays valid while more is read', () => {
    const scanner = new ObjectScanner();
    const given: Uint8Array[] = [];
    for (let round = 0; round < 200; round += 1) {
      const object = new MsgpackWriter('rpc').text(`object ${round}`.repeat(20)).finish();
      scanner.push(object.slice(0, 100));
      scanner.push(object.slice(100));
      given.push(scanner.next() as Uint8Array);
    }

    expect(given.map((object) => new MsgpackReader(object).text())).toEqual(
      given.map((_, round) => `object ${round}`.repeat(20)),
    );
  });

  test('takes raw bytes between objects', () => {
    const scanner = new ObjectScanner();
    scanner.push(fromHex('8001'));

    expect(toHex(scanner.next() as Uint8Array)).toBe('80');
    expect(scanner.take(3)).toBeUndefined();
    scanner.push(fromHex('020391'));
    expect(toHex(scanner.take(3) as Uint8Array)).toBe('010203');
    expect(scanner.next()).toBeUndefined();
    expect(scanner.pending).toBe(1);
    scanner.push(fromHex('c0'));
    expect(toHex(scanner.next() as Uint8Array)).toBe('91c0');
  });

  test.each([
    ['an object over the limit', 'c600000400', 'TOO_LARGE'],
    ['a map of more entries than the limit has bytes', 'df00000200', 'TOO_LARGE'],
    [
      'values that together pass the limit',
      `9a${'c47e'.padEnd(256, '00').repeat(8)}c47e`,
      'TOO_LARGE',
    ],
    ['what nests too deep', '9191919191', 'TOO_DEEP'],
    ['what begins no value', 'c1', 'BAD_BODY'],
  ])('refuses %s as soon as its header is there', (_what, hex, code) => {
    const scanner = new ObjectScanner({ maxBytes: 1_000, maxDepth: 4 });
    scanner.push(fromHex(hex));

    const attempt = () => scanner.next();
    expect(attempt).toThrow(DecodeError);
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });

  test('an object of exactly the limit passes', () => {
    const scanner = new ObjectScanner({ maxBytes: 1_000, maxDepth: 4 });
    scanner.push(fromHex(`c503e5${'00'.repeat(997)}`));

    expect(scanner.next()).toHaveLength(1_000);
  });

  test('its work grows with the bytes, not with their square', () => {
    const steps = (bytes: number) => {
      const scanner = new ObjectScanner({ maxBytes: 2 ** 24 });
      const object = new MsgpackWriter('rpc').arrayHeader(bytes).finish();
      scanner.push(object);
      scanner.next();
      const started = process.cpuUsage().user;
      for (let byte = 0; byte < bytes; byte += 1) {
        scanner.push(Uint8Array.of(1));
        scanner.next();
      }
      return process.cpuUsage().user - started;
    };
    steps(50_000);

    const small = Math.max(5_000, steps(50_000));
    expect(steps(400_000)).toBeLessThan(small * 40);
  });

  test('arbitrary bytes give objects or a DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300)), (bytes, cuts) => {
        try {
          scan(bytes, cuts);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
