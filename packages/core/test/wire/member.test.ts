import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memberNameProblem } from '../../src/wire/member-name.js';
import { decodeTags, encodeTags } from '../../src/wire/tags.js';
import { decodeVersions, encodeVersions, serfVersions } from '../../src/wire/versions.js';
import { fromHex, toHex } from './vectors.js';

describe('a member name', () => {
  test.each([
    'a',
    'web-1.example.com',
    'tab\there',
    'two\nlines',
    'naïve',
    '日本',
    '🙂',
    'x'.repeat(512),
  ])('%j can be one', (name) => {
    expect(memberNameProblem(name)).toBeUndefined();
  });

  test.each([
    ['', 'empty'],
    ['x'.repeat(513), 'too long'],
    ['é'.repeat(257), 'too long'],
    ['nul\0', 'control character'],
    ['esc\x1b[2J', 'control character'],
    ['del\x7f', 'control character'],
    ['c1\x85', 'control character'],
    ['half\ud83d', 'not valid Unicode'],
    ['\ude42half', 'not valid Unicode'],
  ])('%j cannot', (name, problem) => {
    expect(memberNameProblem(name)).toBe(problem);
  });
});

describe('versions', () => {
  test("a default agent's are Serf's", () => {
    expect(toHex(encodeVersions(serfVersions(5)))).toBe('010502020505');
    expect(toHex(encodeVersions(serfVersions(3)))).toBe('010502020503');
  });

  test('six bytes count, fewer are as good as none, more are ignored', () => {
    expect(decodeVersions(fromHex('010502020505'))).toEqual(serfVersions(5));
    expect(decodeVersions(fromHex('01050202050599'))).toEqual(serfVersions(5));
    expect(toHex(encodeVersions(decodeVersions(fromHex('0105020205'))))).toBe('000000000000');
    expect(toHex(encodeVersions(decodeVersions(undefined)))).toBe('000000000000');
  });

  test('come back as they went', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
        expect(encodeVersions(decodeVersions(bytes))).toEqual(bytes);
      }),
    );
  });
});

describe('tags', () => {
  test('come back as they went, in one form whatever their order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string()), (tags) => {
        const meta = encodeTags(tags, 5);
        const shuffled = Object.fromEntries(Object.entries(tags).reverse());

        expect({ ...decodeTags(meta) }).toEqual({ ...tags });
        expect(encodeTags(shuffled, 5)).toEqual(meta);
      }),
    );
  });

  test('are sorted by the bytes of their names', () => {
    const names = ['\uffff', '😀', 'b', 'a', 'ab'];
    const tags = Object.fromEntries(names.map((name) => [name, '']));

    expect(Object.keys(decodeTags(encodeTags(tags, 5)))).toEqual(['a', 'ab', 'b', '\uffff', '😀']);
  });

  test('may have any name', () => {
    const meta = fromHex('ff81a95f5f70726f746f5f5fa178');

    expect(Object.entries(decodeTags(meta))).toEqual([['__proto__', 'x']]);
    expect(decodeTags(meta)['constructor']).toBeUndefined();
  });

  test('of a node below protocol 3 are its role alone', () => {
    expect(toHex(encodeTags({ role: 'web', dc: 'x' }, 2))).toBe('776562');
    expect({ ...decodeTags(fromHex('776562')) }).toEqual({ role: 'web' });
    expect({ ...decodeTags(new Uint8Array(0)) }).toEqual({ role: '' });
  });

  test('that are damaged leave what could be read', () => {
    expect({ ...decodeTags(fromHex('ff82a16101a1')) }).toEqual({});
    expect({ ...decodeTags(fromHex('ff82a161a178a162')) }).toEqual({ a: 'x' });
    expect({ ...decodeTags(fromHex('ff82a161a178a16205')) }).toEqual({ a: 'x' });
    expect({ ...decodeTags(fromHex('ff')) }).toEqual({});
  });

  test('of arbitrary bytes never fail', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(() => decodeTags(bytes)).not.toThrow();
        expect(() => decodeTags(Uint8Array.of(0xff, ...bytes))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});
