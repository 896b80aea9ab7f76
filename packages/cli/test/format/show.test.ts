import { expect, test } from 'vitest';
import { showText, showValue } from '../../src/format/show.js';

test('a single value shows its control characters, and nothing else is touched', () => {
  expect(showValue('x\ty\nz\x1b[2J\u009b|"\\ä')).toBe('x\\ty\\nz\\x1b[2J\\u009b|"\\ä');
});

test('text of several lines keeps its lines and tabs', () => {
  expect(showText('2 errors:\n\t* a\x1b[2J\r\n')).toBe('2 errors:\n\t* a\\x1b[2J\\r\n');
});
