import { expect, test } from 'vitest';
import { goQuote } from '../../src/wire/go-quote.js';

const bytes = (...parts: (string | number)[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))),
  );

test.each([
  [bytes(), '""'],
  [bytes('v1'), '"v1"'],
  [bytes('a "b" \\ c'), '"a \\"b\\" \\\\ c"'],
  [bytes('line\n\ttab\r'), '"line\\n\\ttab\\r"'],
  [bytes('\u0000\u001b[31m\u007f'), '"\\x00\\x1b[31m\\x7f"'],
  [bytes('ü € 😀'), '"ü € 😀"'],
  [bytes('\u200b\u{e0001}'), '"\\u200b\\U000e0001"'],
  [bytes('a', 0xff, 'ü', 0xc3), '"a\\xffü\\xc3"'],
  [bytes(0xe2, 0x82, 'x'), '"\\xe2\\x82x"'],
  [bytes(0xc0, 0x80), '"\\xc0\\x80"'],
])('%j', (given, expected) => {
  expect(goQuote(given)).toBe(expected);
});

test('surrogates and what lies beyond the last character are no text', () => {
  expect(goQuote(bytes(0xed, 0xa0, 0x80))).toBe('"\\xed\\xa0\\x80"');
  expect(goQuote(bytes(0xf4, 0x90, 0x80, 0x80))).toBe('"\\xf4\\x90\\x80\\x80"');
  expect(goQuote(bytes(0xe0, 0x80, 0x80, 0xf5, 0xff))).toBe('"\\xe0\\x80\\x80\\xf5\\xff"');
});

test.each([
  ['plain', '"plain"'],
  ['no"such\\', '"no\\"such\\\\"'],
  ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['\x1b[31m\x00\x7f', '"\\x1b[31m\\x00\\x7f"'],
  ['äö 漢 😀', '"äö 漢 😀"'],
  ['\u00a0\u200b\u0085', '"\\u00a0\\u200b\\u0085"'],
  ['\u{e0001}', '"\\U000e0001"'],
])('%j is quoted as %s', (text, quoted) => {
  expect(goQuote(text)).toBe(quoted);
});
