import { expect, test } from 'vitest';
import { quote, showText, showValue } from '../../src/format/quote.js';

test.each([
  ['plain', '"plain"'],
  ['no"such\\', '"no\\"such\\\\"'],
  ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['\x1b[31m\x00\x7f', '"\\x1b[31m\\x00\\x7f"'],
  ['äö 漢 😀', '"äö 漢 😀"'],
  ['\u00a0\u200b\u0085', '"\\u00a0\\u200b\\u0085"'],
  ['\u{e0001}', '"\\U000e0001"'],
])('%j is quoted as %s', (text, quoted) => {
  expect(quote(text)).toBe(quoted);
});

test('a single value shows its control characters, and nothing else is touched', () => {
  expect(showValue('x\ty\nz\x1b[2J\u009b|"\\ä')).toBe('x\\ty\\nz\\x1b[2J\\u009b|"\\ä');
});

test('text of several lines keeps its lines and tabs', () => {
  expect(showText('2 errors:\n\t* a\x1b[2J\r\n')).toBe('2 errors:\n\t* a\\x1b[2J\\r\n');
});
