import { expect, test } from 'vitest';
import { goText } from '../../src/format/go-text.js';

test.each([
  ['text', [0x61, 0xc3, 0xbc, 0xf0, 0x9f, 0x98, 0x80], 'aü😀'],
  ['nothing', [], ''],
  ['a byte that begins nothing', [0x61, 0xff, 0x62], 'a\ufffdb'],
  ['a character cut short', [0x61, 0xe2, 0x82, 0x62], 'a\ufffd\ufffdb'],
  ['one cut short at the end', [0xf0, 0x9f, 0x98], '\ufffd\ufffd\ufffd'],
  ['half of a surrogate pair', [0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
  ['one in too many bytes', [0xc0, 0xaf], '\ufffd\ufffd'],
  ['a rest without a beginning', [0xc3, 0xbc, 0xbc], 'ü\ufffd'],
])('%s', (_what, bytes, shown) => {
  expect(goText(Uint8Array.from(bytes))).toBe(shown);
});
