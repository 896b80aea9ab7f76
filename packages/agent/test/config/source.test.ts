import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJson } from '../../src/config/json-source.js';
import { SourceSyntaxError, type SourceValue } from '../../src/config/source-tree.js';
import { readYaml } from '../../src/config/yaml-source.js';

/** The value without its places. */
function plain(value: SourceValue): unknown {
  switch (value.type) {
    case 'map':
      return Object.fromEntries(value.entries.map((entry) => [entry.key, plain(entry.value)]));
    case 'list':
      return value.items.map(plain);
    case 'null':
      return null;
    default:
      return value.value;
  }
}

describe('a JSON file', () => {
  test('reads as the platform reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);

        const read = plain(readJson(text));

        // JSON.stringify has written -0 as 0 and knows no other difference.
        expect(JSON.stringify(read)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  test('is refused whenever the platform refuses it, unless only its end is odd', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.nat(),
        fc.constantFrom('', 'x', '"', ',', '}'),
        (value, at, text) => {
          const whole = JSON.stringify(value);
          const cut = at % (whole.length + 1);
          const torn = whole.slice(0, cut) + text + whole.slice(cut + 1);
          try {
            readJson(torn);
          } catch (error) {
            expect(error).toBeInstanceOf(SourceSyntaxError);
            expect(() => JSON.parse(torn)).toThrow();
          }
        },
      ),
    );
  });

  test('ends with its first value: what follows is not looked at', () => {
    expect(plain(readJson('{"bind":"a"} garbage'))).toEqual({ bind: 'a' });
  });

  test('with a key twice has the last one', () => {
    expect(plain(readJson('{"bind":"a","bind":"b"}'))).toEqual({ bind: 'b' });
  });

  test.each([
    ['', 'EOF: the file is empty', 1, 1],
    [' \n', 'EOF: the file is empty', 2, 1],
    ['{"a":', 'unexpected EOF', 1, 6],
    ['{"a":1', 'unexpected EOF'],
    ['\ufeff{}', "invalid character 'ï' looking for beginning of value", 1, 1],
    ['// c', "invalid character '/' looking for beginning of value"],
    ['{\n  "a": 1,\n}', "invalid character '}' looking for beginning of object key string", 3, 1],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":"b" "c":1}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{"a":"x\n"}', "invalid character '\\n' in string literal"],
    ['{"a":"\\q"}', "invalid character 'q' in string escape code"],
    ['{"a":"\\u12g4"}', "invalid character 'g' in \\u hexadecimal character escape"],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"a":-}', "invalid character '}' in numeric literal"],
    ['{"a":1.}', "invalid character '}' after decimal point in numeric literal"],
    ['{"a":1e}', "invalid character '}' in exponent of numeric literal"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
  ])("%j is refused in Go's words", (text, message, line = 1, column = expect.any(Number)) => {
    expect(() => readJson(text)).toThrow(
      expect.objectContaining({ message, at: { line, column } }),
    );
  });

  test('that nests without end is refused, not followed', () => {
    expect(() => readJson('['.repeat(100_000))).toThrow('exceeded max depth');
  });
});

describe('a YAML file', () => {
  test('gives every value its place', () => {
    const root = readYaml('bind: a\ntags:\n  role: web\n');

    expect(root).toMatchObject({
      type: 'map',
      entries: [
        {
          key: 'bind',
          at: { line: 1, column: 1 },
          value: { value: 'a', at: { line: 1, column: 7 } },
        },
        {
          key: 'tags',
          at: { line: 2, column: 1 },
          value: { entries: [{ at: { line: 3, column: 3 } }] },
        },
      ],
    });
  });

  test('is YAML 1.2: yes, no and on are texts, 010 is ten', () => {
    expect(plain(readYaml('[yes, no, on, off, 010, true]'))).toEqual([
      'yes',
      'no',
      'on',
      'off',
      10,
      true,
    ]);
  });

  test('keeps how a number was written', () => {
    expect(readYaml('1.10')).toMatchObject({ type: 'number', value: 1.1, source: '1.10' });
    expect(readYaml('007')).toMatchObject({ type: 'number', value: 7, source: '007' });
  });

  test('unfolds aliases', () => {
    expect(plain(readYaml('start_join: &seeds [a, b]\nretry_join: *seeds'))).toEqual({
      start_join: ['a', 'b'],
      retry_join: ['a', 'b'],
    });
  });

  test.each([
    ['a: 1\na: 2', "'a' stands twice"],
    ['%YAML 1.1\n---\na: on', '%YAML 1.1 is not read'],
    ['a: 1\n---\nb: 2', 'a second document begins here: a file holds one'],
    ['a: [1', 'Flow sequence'],
    ['tags: {', 'Flow map'],
    ['\tbind: a', 'Tabs are not allowed as indentation'],
    ['? [a]\n: 1', 'a key must be a plain text'],
  ])('%j is refused', (text, message) => {
    expect(() => readYaml(text)).toThrow(SourceSyntaxError);
    expect(() => readYaml(text)).toThrow(message);
  });

  test('that unfolds into a million values is refused', () => {
    const levels = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const [name, of] of ['ba', 'cb', 'dc', 'ed', 'fe'])
      levels.push(`${name}: &${name} [${`*${of},`.repeat(9)}*${of}]`);

    expect(() => readYaml(levels.join('\n'))).toThrow('more than 100000 values');
  });

  test('any text is a value or a SourceSyntaxError', () => {
    const pieces = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '!!int ',
      '"',
      '%',
      '---\n',
      '? ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        try {
          readYaml(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(SourceSyntaxError);
        }
      }),
    );
  });
});
