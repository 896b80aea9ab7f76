import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DurationError, formatGoDuration, parseGoDuration } from '../src/go-duration.js';

describe('reading a Go duration', () => {
  test.each([
    ['0', 0],
    ['-0', 0],
    ['0s', 0],
    ['5s', 5_000],
    ['300ms', 300],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1_000],
    ['-10ms', -10],
    ['+2m', 120_000],
    ['1h1m1s1ms', 3_661_001],
    ['30s1m', 90_000],
    ['1500us', 1.5],
    ['1500\u00b5s', 1.5],
    ['1500\u03bcs', 1.5],
    ['1ns', 1e-6],
    ['720h', 2_592_000_000],
    ['0.000000001s', 1e-6],
    ['-2562047h47m16.854775808s', -9_223_372_036_854.775],
  ])('%s is %d milliseconds', (text, milliseconds) => {
    expect(parseGoDuration(text)).toBeCloseTo(milliseconds, 9);
  });

  test.each([
    ['5', 'time: missing unit in duration "5"'],
    ['1m30', 'time: missing unit in duration "1m30"'],
    ['5x', 'time: unknown unit "x" in duration "5x"'],
    ['5S', 'time: unknown unit "S" in duration "5S"'],
    ['3 h', 'time: unknown unit " h" in duration "3 h"'],
    ['1d', 'time: unknown unit "d" in duration "1d" (there are no days: write 24h)'],
    ['1s ', 'time: unknown unit "s " in duration "1s "'],
    ['abc', 'time: invalid duration "abc"'],
    ['', 'time: invalid duration ""'],
    ['-', 'time: invalid duration "-"'],
    ['.s', 'time: invalid duration ".s"'],
    [' 1s', 'time: invalid duration " 1s"'],
    ['1s-1s', 'time: unknown unit "s-" in duration "1s-1s"'],
    ['9999999h', 'time: invalid duration "9999999h"'],
    ['2562047h47m16.854775808s', 'time: invalid duration "2562047h47m16.854775808s"'],
  ])("%s is refused in Go's words", (text, message) => {
    expect(() => parseGoDuration(text)).toThrow(new DurationError(message));
  });

  test('any text is a number of milliseconds or a DurationError', () => {
    const words = fc.constantFrom(
      '1',
      '9',
      '.',
      '-',
      '+',
      'h',
      'm',
      's',
      'ms',
      'µs',
      ' ',
      'x',
      '0',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(words).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(Number.isFinite(parseGoDuration(text))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(DurationError);
        }
      }),
    );
  });
});

describe('writing a Go duration', () => {
  test.each([
    [0, '0s'],
    [1_000, '1s'],
    [30_000, '30s'],
    [90_000, '1m30s'],
    [1_500, '1.5s'],
    [3_600_000, '1h0m0s'],
    [500, '500ms'],
    [0.25, '250µs'],
    [1e-6, '1ns'],
    [-5_000, '-5s'],
  ])('%d milliseconds are %s', (milliseconds, text) => {
    expect(formatGoDuration(milliseconds)).toBe(text);
  });

  test('what is written reads back as the same time', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (milliseconds) => {
        expect(parseGoDuration(formatGoDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });
});
