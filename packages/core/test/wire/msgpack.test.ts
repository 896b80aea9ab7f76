import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../src/wire/decode-error.js';
import { FieldNames, MsgpackReader } from '../../src/wire/msgpack-reader.js';
import { decodeValue, type MsgpackValue } from '../../src/wire/msgpack-value.js';
import { type MsgpackDialect, MsgpackWriter } from '../../src/wire/msgpack-writer.js';
import { fromHex, toHex } from './vectors.js';

const written = (dialect: MsgpackDialect, write: (writer: MsgpackWriter) => unknown) => {
  const writer = new MsgpackWriter(dialect, 8);
  write(writer);
  return toHex(writer.finish());
};
const reader = (hex: string) => new MsgpackReader(fromHex(hex));
const codeOf = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    if (error instanceof DecodeError) return error.code;
    throw error;
  }
};

describe('writing', () => {
  test.each([
    [0, '00'],
    [127, '7f'],
    [128, 'cc80'],
    [255, 'ccff'],
    [256, 'cd0100'],
    [65_535, 'cdffff'],
    [65_536, 'ce00010000'],
    [2 ** 32 - 1, 'ceffffffff'],
    [2 ** 32, 'cf0000000100000000'],
    [Number.MAX_SAFE_INTEGER, 'cf001fffffffffffff'],
    [2n ** 63n + 5n, 'cf8000000000000005'],
    [5n, '05'],
  ])('the unsigned %s has its shortest form', (value, hex) => {
    expect(written('gossip', (writer) => writer.uint(value))).toBe(hex);
  });

  test.each([
    [127, '7f'],
    [128, 'd10080'],
    [32_767, 'd17fff'],
    [32_768, 'd200008000'],
    [2_000_000_000, 'd277359400'],
    [3_200_000_000, 'd300000000bebc2000'],
    [-1, 'ff'],
    [-32, 'e0'],
    [-33, 'd0df'],
    [-129, 'd1ff7f'],
    [-32_769, 'd2ffff7fff'],
    [-(2 ** 31) - 1, 'd3ffffffff7fffffff'],
    [-(2n ** 63n), 'd38000000000000000'],
  ])("the signed %s has Go's width", (value, hex) => {
    expect(written('rpc', (writer) => writer.int(value))).toBe(hex);
  });

  test.each([
    ['gossip', 31, 'bf'],
    ['gossip', 32, 'da0020'],
    ['gossip', 255, 'da00ff'],
    ['gossip', 65_535, 'daffff'],
    ['gossip', 65_536, 'db00010000'],
    ['rpc', 31, 'bf'],
    ['rpc', 32, 'd920'],
    ['rpc', 256, 'da0100'],
    ['rpc', 65_536, 'db00010000'],
  ] as const)('in %s, text of %i bytes begins with %s', (dialect, length, header) => {
    const hex = written(dialect, (writer) => writer.text('a'.repeat(length)));

    expect(hex.slice(0, header.length)).toBe(header);
    expect(hex).toHaveLength(header.length + 2 * length);
  });

  test.each([
    ['gossip', 0, 'a0'],
    ['gossip', 31, 'bf'],
    ['gossip', 32, 'da0020'],
    ['rpc', 0, 'c400'],
    ['rpc', 255, 'c4ff'],
    ['rpc', 256, 'c50100'],
    ['rpc', 65_536, 'c600010000'],
  ] as const)('in %s, %i bytes begin with %s', (dialect, length, header) => {
    const hex = written(dialect, (writer) => writer.bytes(new Uint8Array(length)));

    expect(hex).toBe(header + '00'.repeat(length));
  });

  test('absent bytes are nil, which empty ones are not', () => {
    expect(written('gossip', (writer) => writer.bytes(undefined))).toBe('c0');
    expect(written('gossip', (writer) => writer.bytes(new Uint8Array(0)))).toBe('a0');
  });

  test('floats keep all eight bytes, also where an integer would do', () => {
    expect(written('rpc', (writer) => writer.float64(0))).toBe('cb0000000000000000');
    expect(written('rpc', (writer) => writer.float64(1.5))).toBe('cb3ff8000000000000');
  });

  test('text beyond ASCII takes the length of its UTF-8', () => {
    expect(written('gossip', (writer) => writer.text('é'))).toBe('a2c3a9');
    expect(written('gossip', (writer) => writer.text('ü'.repeat(16)))).toBe(
      `da0020${'c3bc'.repeat(16)}`,
    );
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53, -1n, 2n ** 64n])(
    '%s as unsigned is our own mistake',
    (value) => {
      expect(() => new MsgpackWriter('gossip').uint(value)).toThrow(RangeError);
    },
  );

  test('a writer is empty after finish, and small results are not overwritten', () => {
    const writer = new MsgpackWriter('gossip');

    const first = writer.text('first').finish();
    const second = writer.text('other').finish();

    expect(toHex(first)).toBe('a56669727374');
    expect(toHex(second)).toBe('a56f74686572');
    expect(writer.length).toBe(0);
  });
});

describe('reading', () => {
  test.each([
    ['05'],
    ['cc05'],
    ['cd0005'],
    ['ce00000005'],
    ['cf0000000000000005'],
    ['d005'],
    ['d10005'],
    ['d200000005'],
    ['d30000000000000005'],
  ])('%s is the integer 5, whichever kind is wanted', (hex) => {
    expect(reader(hex).uint(5)).toBe(5);
    expect(reader(hex).int()).toBe(5);
    expect(reader(hex).bigUint()).toBe(5n);
    expect(reader(hex).float()).toBe(5);
  });

  test('integers beyond 2^53 are kept exactly, or refused as a number', () => {
    expect(reader('cf8000000000000005').bigUint()).toBe(2n ** 63n + 5n);
    expect(reader('d38000000000000000').integer()).toBe(-(2n ** 63n));
    expect(reader('cf001fffffffffffff').integer()).toBe(Number.MAX_SAFE_INTEGER);
    expect(codeOf(() => reader('cf0020000000000000').int())).toBe('OUT_OF_RANGE');
  });

  test.each([
    ['a26869'],
    ['d9026869'],
    ['da00026869'],
    ['db000000026869'],
    ['c4026869'],
    ['c500026869'],
    ['c6000000026869'],
  ])('%s is text and bytes alike', (hex) => {
    expect(reader(hex).text()).toBe('hi');
    expect(reader(hex).bytes()).toEqual(fromHex('6869'));
  });

  test('bytes may be an array of small integers', () => {
    expect(reader('93017fcc80').bytes()).toEqual(fromHex('017f80'));
    expect(codeOf(() => reader('91cd0100').bytes())).toBe('OUT_OF_RANGE');
  });

  test('nil is the zero value of every kind', () => {
    const nil = () => reader('c0');

    expect(nil().uint(9)).toBe(0);
    expect(nil().text()).toBe('');
    expect(nil().bytes()).toBeUndefined();
    expect(nil().bool()).toBe(false);
    expect(nil().float()).toBe(0);
    expect(nil().mapHeader()).toBe(0);
    expect(nil().arrayHeader()).toBe(0);
    expect(codeOf(() => nil().key())).toBe('BAD_BODY');
  });

  test.each([
    ['a negative for unsigned', 'ff', 'OUT_OF_RANGE'],
    ['too large', '06', 'OUT_OF_RANGE'],
    ['a float for an integer', 'cb0000000000000000', 'BAD_BODY'],
    ['text for an integer', 'a135', 'BAD_BODY'],
    ['a boolean for an integer', 'c3', 'BAD_BODY'],
    ['a cut integer', 'cd01', 'TRUNCATED'],
    ['nothing', '', 'TRUNCATED'],
  ])('%s is refused', (_what, hex, code) => {
    expect(codeOf(() => reader(hex).uint(5))).toBe(code);
  });

  test('text that is not UTF-8 is told apart, and can be read with a replacement', () => {
    expect(codeOf(() => reader('a2c328').text())).toBe('BAD_TEXT');
    expect(reader('a2c328').lossyText()).toBe('\ufffd(');
    expect(reader('a4efbbbf61').text()).toBe('\ufeffa');
  });

  test('an array where a map is wanted has a code of its own', () => {
    expect(codeOf(() => reader('90').mapHeader())).toBe('ARRAY_BODY');
    expect(codeOf(() => reader('05').mapHeader())).toBe('BAD_BODY');
  });

  test('a count that the bytes cannot bear ends at once', () => {
    expect(codeOf(() => reader('ddffffffff').arrayHeader())).toBe('TRUNCATED');
    expect(codeOf(() => reader('dfffffffff').mapHeader())).toBe('TRUNCATED');
    expect(codeOf(() => reader('ddffffffff').skip())).toBe('TRUNCATED');
    expect(codeOf(() => reader('dbffffffff61').text())).toBe('TRUNCATED');
  });

  test('fields are found in any order, with any kind of text as key', () => {
    const fields = new FieldNames('A', 'B');
    const map = reader('84a14201c4014102d9014303a14204');

    const found = Array.from({ length: map.mapHeader() }, () => [map.field(fields), map.int()]);

    expect(found).toEqual([
      ['B', 1],
      ['A', 2],
      [undefined, 3],
      ['B', 4],
    ]);
  });

  test('skipping passes any value, but not the deepest', () => {
    const value =
      '84a16193c0c3cb3ff8000000000000a162d70102030405060708 09a163c403010203a164d9016105';
    const skipping = reader(value);

    skipping.skip();

    expect(skipping.uint(9)).toBe(5);
    expect(codeOf(() => reader(`${'91'.repeat(64)}c0`).skip())).toBeUndefined();
    expect(codeOf(() => reader(`${'91'.repeat(65)}c0`).skip())).toBe('TOO_DEEP');
  });

  test('what is read of a Buffer is plain bytes', () => {
    const fromBuffer = new MsgpackReader(Buffer.from('a3010203', 'hex'));

    expect(Object.getPrototypeOf(fromBuffer.bytes())).toBe(Uint8Array.prototype);
  });

  test('short texts that share a hash slot are not mixed up', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 8 }), { maxLength: 200 }), (texts) => {
        const writer = new MsgpackWriter('rpc');
        for (const text of texts) writer.text(text);
        const all = new MsgpackReader(writer.finish());

        expect(texts.map(() => all.text())).toEqual(texts);
      }),
    );
  });
});

describe('any value', () => {
  const anyValue = fc.letrec<{ value: MsgpackValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(undefined),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
      fc.double({ noInteger: true }),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }),
      fc.array(tie('value'), { maxLength: 20 }),
      fc
        .array(fc.tuple(fc.string(), tie('value')), { maxLength: 20 })
        .map((entries) => new Map(entries)),
    ),
  })).value;

  function write(writer: MsgpackWriter, value: MsgpackValue): void {
    if (value === undefined) writer.nil();
    else if (typeof value === 'boolean') writer.bool(value);
    else if (typeof value === 'string') writer.text(value);
    else if (typeof value === 'bigint') value < 0n ? writer.int(value) : writer.uint(value);
    else if (value instanceof Uint8Array) writer.bytes(value);
    else if (Array.isArray(value)) {
      writer.arrayHeader(value.length);
      for (const element of value) write(writer, element);
    } else if (value instanceof Map) {
      writer.mapHeader(value.size);
      for (const [key, element] of value) {
        write(writer, key);
        write(writer, element);
      }
    } else if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) writer.int(value);
      else writer.float64(value);
    }
  }

  test('comes back as it was written', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const writer = new MsgpackWriter('rpc', 16);
        write(writer, value);
        const reading = new MsgpackReader(writer.finish());

        expect(decodeValue(reading)).toEqual(value);
        expect(reading.remaining).toBe(0);
      }),
    );
  });

  test('text that is not UTF-8 comes as the bytes it is', () => {
    expect(decodeValue(reader('a2c328'))).toEqual(fromHex('c328'));
  });

  test('extensions are kept, so that they can be ignored', () => {
    expect(decodeValue(reader('d6ff5f5e1000'))).toEqual({
      extensionType: -1,
      data: fromHex('5f5e1000'),
    });
  });

  test('arbitrary bytes give a value or a DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        codeOf(() => decodeValue(new MsgpackReader(bytes)));
        codeOf(() => new MsgpackReader(bytes).skip());
      }),
      { numRuns: 2_000 },
    );
  });
});
