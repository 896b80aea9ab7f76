import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeKeyText, encodeKeyText } from '../../src/wire/key-text.js';

test('any key survives its text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (key) => {
      expect(decodeKeyText(encodeKeyText(key))).toEqual(key);
    }),
  );
});

test('line breaks may stand anywhere', () => {
  expect(decodeKeyText('aGFs\r\nbG8\n=\n')).toEqual(new TextEncoder().encode('hallo'));
});

// Where Serf's own reader stops, as far as it was recorded; the others follow from the same rule.
test.each([
  ['abc', 0],
  ['HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8', 40],
  ['aGVsbG8', 4],
  ['a-b_', 1],
  ['aGVs bG8=', 4],
  ['=', 0],
  ['a===', 1],
  ['ab=', 3],
  ['ab=c', 3],
  ['abc=d', 4],
  ['ab==ab==', 4],
])('%j is bad at byte %d', (text, at) => {
  expect(() => decodeKeyText(text)).toThrow(`illegal base64 data at input byte ${at}`);
});

test('what is refused is not base64, what is taken is', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'aB0+/=\n') }), (text) => {
      const plain = text.replaceAll('\n', '');
      const isBase64 = /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(plain);
      let isTaken = true;
      try {
        decodeKeyText(text);
      } catch {
        isTaken = false;
      }
      expect(isTaken).toBe(isBase64);
    }),
  );
});
