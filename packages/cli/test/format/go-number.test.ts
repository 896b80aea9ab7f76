import { describe, expect, test } from 'vitest';
import { parseDurationNanoseconds, parseInteger } from '../../src/format/go-number.js';

describe('durations', () => {
  test.each([
    ['0', 0],
    ['+0', 0],
    ['300ms', 300e6],
    ['1.5s', 1.5e9],
    ['1.001s', 1_001_000_000],
    ['.5s', 5e8],
    ['1.s', 1e9],
    ['1h30m', 5_400e9],
    ['720h', 2_592_000e9],
    ['-10ms', -10e6],
    ['+2us', 2_000],
    ['2µs', 2_000],
    ['2μs', 2_000],
    ['1ns1h', 3_600_000_000_001],
    ['0.9ns', 0],
  ])('%s is %d ns', (text, nanoseconds) => {
    expect(parseDurationNanoseconds(text)).toBe(nanoseconds);
  });

  test.each([
    '',
    '5',
    '-',
    '.',
    '.s',
    '1 s',
    '1d',
    '1S',
    's',
    '1h-3m',
    ' 1s',
    '1s ',
    '1e3s',
    '300000h1',
    '2562048h',
  ])('%j is none', (text) => {
    expect(parseDurationNanoseconds(text)).toBeUndefined();
  });
});

describe('integers', () => {
  test.each([
    ['0', 0],
    ['-12', -12],
    ['+7', 7],
    ['0x1f', 31],
    ['0X_1F', 31],
    ['0b11', 3],
    ['0o17', 15],
    ['017', 15],
    ['0_7', 7],
    ['-0', 0],
  ])('%s is %d', (text, value) => {
    const read = parseInteger(text);
    expect(read.ok && read.value + 0).toBe(value);
  });

  test.each(['', '-', '+-1', '0x', '09', '1__0', '_1', '1_', '1.0', '1e3', ' 1', '0b2', 'ten'])(
    '%j is none',
    (text) => {
      expect(parseInteger(text)).toEqual({ ok: false, reason: 'parse error' });
    },
  );

  test('what 64 bits cannot hold is out of range', () => {
    expect(parseInteger('9223372036854775807').ok).toBe(true);
    expect(parseInteger('-9223372036854775808').ok).toBe(true);
    expect(parseInteger('9223372036854775808')).toEqual({
      ok: false,
      reason: 'value out of range',
    });
    expect(parseInteger('-0x8000000000000001')).toEqual({
      ok: false,
      reason: 'value out of range',
    });
  });
});
