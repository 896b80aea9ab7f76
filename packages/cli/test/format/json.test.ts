import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatJson } from '../../src/format/json.js';

test('objects keep their order, maps are sorted by bytes, both indented by two blanks', () => {
  const value = {
    name: 'n1',
    tags: new Map([
      ['10', 'a'],
      ['9', 'b'],
      ['\u{1f600}', 'c'],
      ['\uffee', 'd'],
    ]),
    list: ['x', 1],
    gone: null,
  };

  expect(formatJson(value)).toBe(
    '{\n  "name": "n1",\n  "tags": {\n    "10": "a",\n    "9": "b",\n    "\uffee": "d",\n    "\u{1f600}": "c"\n  },\n' +
      '  "list": [\n    "x",\n    1\n  ],\n  "gone": null\n}',
  );
});

test('empty objects and lists take no line', () => {
  expect(formatJson({ a: {}, b: [], c: new Map() })).toBe(
    '{\n  "a": {},\n  "b": [],\n  "c": {}\n}',
  );
});

test("strings have Go's escapes", () => {
  expect(formatJson('<a>&"q"\\z/ä')).toBe('"\\u003ca\\u003e\\u0026\\"q\\"\\\\z/ä"');
  expect(formatJson('\b\f\n\r\t\x01\x7f')).toBe('"\\b\\f\\n\\r\\t\\u0001\x7f"');
  expect(formatJson('\u2028\u2029\ufffd')).toBe('"\\u2028\\u2029\\ufffd"');
});

test('whatever it prints reads as what it was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string()), (table) => {
      const read: unknown = JSON.parse(formatJson(new Map(Object.entries(table))));
      expect(read).toEqual({ ...table });
    }),
  );
});
