import { expect, test } from 'vitest';
import { formatColumns, trimSpace } from '../../src/format/columns.js';

test('every field but the last is padded to its column and followed by two blanks', () => {
  const lines = ['n1|127.0.0.1:28946|alive|role=web', 'node-3|127.0.0.1:2|failed|'];

  expect(formatColumns(lines)).toBe(
    'n1      127.0.0.1:28946  alive   role=web\nnode-3  127.0.0.1:2      failed  ',
  );
});

test('width is counted in code points, not in bytes, UTF-16 units or cells', () => {
  expect(formatColumns(['ä|x', '😀😀|x', 'abc|x'])).toBe('ä    x\n😀😀   x\nabc  x');
});

test('a "|" inside a value makes a column, whose fields are trimmed', () => {
  expect(formatColumns(['n1|p=x| y ', 'n2|role=web'])).toBe('n1  p=x       y\nn2  role=web');
});

test('lines may have different numbers of fields', () => {
  expect(formatColumns(['a', 'b|c|d', ''])).toBe('a\nb  c  d\n');
  expect(formatColumns([])).toBe('');
});

test('white space is what Go takes for it', () => {
  expect(trimSpace('\u0085\u00a0 \tx y\u3000\r\n')).toBe('x y');
  expect(trimSpace('\ufeffx')).toBe('\ufeffx');
});
