import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { bool, duration, FlagError, integer, list, parseFlags, text } from '../src/flags.js';

const table = {
  format: text('FORMAT', 'x', 'text'),
  name: text('NAME', 'x'),
  detailed: bool('x', false),
  replay: bool('x'),
  'relay-factor': integer('N', 'x', 0),
  timeout: duration('DURATION', 'x', 0),
  tag: list('K=V', 'x'),
  node: list('NAME', 'x'),
} as const;

function failure(...args: string[]): string {
  try {
    parseFlags(table, args);
  } catch (error) {
    if (error instanceof FlagError) return error.message;
    throw error;
  }
  throw new Error(`${args.join(' ')} was accepted`);
}

describe('what the parser takes', () => {
  const forms: [
    args: string[],
    flag: 'format' | 'detailed' | 'relay-factor' | 'timeout',
    value: unknown,
  ][] = [
    [['-format=json'], 'format', 'json'],
    [['-format', 'json'], 'format', 'json'],
    [['--format=json'], 'format', 'json'],
    [['--format', 'json'], 'format', 'json'],
    [['-format='], 'format', ''],
    [['-format', ''], 'format', ''],
    [['-format', '-detailed'], 'format', '-detailed'],
    [['-format=a=b'], 'format', 'a=b'],
    [['-format=a', '-format=b'], 'format', 'b'],
    [['-detailed'], 'detailed', true],
    ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((v): [string[], 'detailed', boolean] => [
      [`-detailed=${v}`],
      'detailed',
      true,
    ]),
    ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((v): [string[], 'detailed', boolean] => [
      [`--detailed=${v}`],
      'detailed',
      false,
    ]),
    [['-relay-factor', '-0x1F'], 'relay-factor', -31],
    [['-relay-factor=017'], 'relay-factor', 15],
    [['-relay-factor=0b1_01'], 'relay-factor', 5],
    [['-relay-factor=1_000'], 'relay-factor', 1000],
    [['-timeout=1h30m'], 'timeout', 5_400e9],
    [['-timeout', '0'], 'timeout', 0],
  ];
  test.each(forms)('%j gives -%s the value %j', (args, flag, value) => {
    expect(parseFlags(table, args).values[flag]).toBe(value);
  });

  test('flags that are not given have their fallback, or are undefined', () => {
    expect(parseFlags(table, []).values).toEqual({
      format: 'text',
      name: undefined,
      detailed: false,
      replay: undefined,
      'relay-factor': 0,
      timeout: 0,
      tag: [],
      node: [],
    });
  });

  test('the types of the values follow from the declarations', () => {
    const { values } = parseFlags(table, []);

    expectTypeOf(values.format).toEqualTypeOf<string>();
    expectTypeOf(values.name).toEqualTypeOf<string | undefined>();
    expectTypeOf(values.detailed).toEqualTypeOf<boolean>();
    expectTypeOf(values.replay).toEqualTypeOf<boolean | undefined>();
    expectTypeOf(values.timeout).toEqualTypeOf<number>();
    expectTypeOf(values.tag).toEqualTypeOf<readonly string[]>();
  });

  test('lists keep every value in order, commas included, and nothing passes from one call to the next', () => {
    const args = ['-tag', 'a=1', '-node=x,y', '-tag=b=2', '-node', 'z'];

    expect(parseFlags(table, args).values).toMatchObject({
      tag: ['a=1', 'b=2'],
      node: ['x,y', 'z'],
    });
    expect(parseFlags(table, []).values.tag).toEqual([]);
  });

  test('a boolean does not take the next argument', () => {
    expect(parseFlags(table, ['-detailed', 'false', 'x'])).toMatchObject({
      values: { detailed: true },
      rest: ['false', 'x'],
    });
  });

  test.each([
    [
      ['a', '-detailed'],
      ['a', '-detailed'],
    ],
    [
      ['-detailed', '--', '-x', '--'],
      ['-x', '--'],
    ],
    [
      ['-', '-detailed'],
      ['-', '-detailed'],
    ],
    [
      ['', '-detailed'],
      ['', '-detailed'],
    ],
    [
      ['-tag=a=b', 'deploy', '-tag=c=d'],
      ['deploy', '-tag=c=d'],
    ],
  ])('flags end where Go ends them: %j leaves %j', (args, rest) => {
    expect(parseFlags(table, args).rest).toEqual(rest);
  });

  test('the order of different flags is kept', () => {
    const { given } = parseFlags(table, ['-node=1', '-tag', '2', '--node', '3', '-detailed']);

    expect(given.map(({ name, value }) => `${name}:${value}`)).toEqual([
      'node:1',
      'tag:2',
      'node:3',
      'detailed:true',
    ]);
  });
});

describe('what it refuses, in the words of Go', () => {
  test.each([
    [['-bogus'], 'flag provided but not defined: -bogus'],
    [['--bogus=3'], 'flag provided but not defined: -bogus'],
    [['-toString'], 'flag provided but not defined: -toString'],
    [['-__proto__=x'], 'flag provided but not defined: -__proto__'],
    [['-format'], 'flag needs an argument: -format'],
    [['---x'], 'bad flag syntax: ---x'],
    [['-=x'], 'bad flag syntax: -=x'],
    [['--=x'], 'bad flag syntax: --=x'],
    [['-detailed=maybe'], 'invalid boolean value "maybe" for -detailed: parse error'],
    [['-detailed='], 'invalid boolean value "" for -detailed: parse error'],
    [['-timeout=5'], 'invalid value "5" for flag -timeout: parse error'],
    [['-relay-factor=x"\n'], 'invalid value "x\\"\\n" for flag -relay-factor: parse error'],
    [
      ['-relay-factor=99999999999999999999'],
      'invalid value "99999999999999999999" for flag -relay-factor: value out of range',
    ],
    [['-timeout=x', '-bogus'], 'invalid value "x" for flag -timeout: parse error'],
    [['-bogus', '-timeout=x'], 'flag provided but not defined: -bogus'],
  ])('%j: %s', (args, message) => {
    expect(failure(...args)).toBe(message);
  });

  test('any command line is read or refused with a FlagError', () => {
    const argument = fc.oneof(
      fc.string(),
      fc.constantFrom('-format', '-tag=', '--detailed', '-timeout', '-', '--', '-relay-factor=1'),
    );
    fc.assert(
      fc.property(fc.array(argument), (args) => {
        try {
          expect(parseFlags(table, args).rest.length).toBeLessThanOrEqual(args.length);
        } catch (error) {
          expect(error).toBeInstanceOf(FlagError);
        }
      }),
    );
  });
});
