import { describe, expect, test } from 'vitest';
import { compileGoRegex } from '../../src/wire/go-regex.js';
import { GoRegexError } from '../../src/wire/go-regex-error.js';

/** As Serf wraps what members are filtered by. */
const wrapped = (pattern: string) => compileGoRegex(`^${pattern}$`);

describe('what Go accepts', () => {
  test.each([
    ['*', 'anything', true],
    ['?', 'anything', true],
    ['+', '', true],
    ['+', 'a', false],
    ['n1{', 'n1{', true],
    ['n]', 'n]', true],
    ['n[]1]', 'n]', true],
    ['a{,2}', 'a{,2}', true],
    ['(?i)N1', 'n1', true],
    ['(?i:N)1', 'n1', true],
    ['(?-i)', '', true],
    ['(?s).*', 'a\nb', true],
    ['.*', 'a\nb', false],
    ['(?m)', '', true],
    ['(?U)', '', true],
    ['\\Qn1\\E', 'n1', true],
    ['\\x{6e}', 'n', true],
    ['\\pL', 'n', true],
    ['\\p{Greek}', 'α', true],
    ['[[:alpha:]]', 'n', true],
    ['[\\d\\pL]', 'n', true],
    ['n\\z', 'n', true],
    ['\\bn', 'n', true],
    ['\\a', '\x07', true],
    ['(?P<x>n1)', 'n1', true],
    ['(?<x>n1)', 'n1', true],
    ['\\', '$', true],
    ['\\', '', false],
    ['n1|n2', 'n1 and more', true],
    ['n1|n2', 'before n2', true],
    ['n1|n2', 'before n1', false],
    ['n', 'n1', false],
    ['n1', 'n1\n', false],
    ['', '', true],
    ['', 'a', false],
    ['日.', '日本', true],
  ])('%j on %j: %s', (pattern, text, matches) => {
    expect(wrapped(pattern).matches(text)).toBe(matches);
  });
});

describe('what Go refuses', () => {
  test.each([
    'n**',
    'n*+',
    'n{1}{1}1',
    'n{1001}',
    '(?=n)',
    '(?!n)',
    '(?<=n)',
    '(?>n)',
    '(?#c)',
    '(n)1\\1',
    'n\\1',
    '\\Z',
    '\\C',
    '\\h',
    '\\cA',
    '\\u006e',
    '\\N{x}',
    '\\p{Foo}',
    '[[:foo:]]',
    '[a-\\d]',
    '[z-a]',
    'n1)',
    '(n1',
    'n[',
    '('.repeat(1_000) + ')'.repeat(1_000),
  ])('%j', (pattern) => {
    expect(() => wrapped(pattern)).toThrow(GoRegexError);
  });

  test('is told in Go’s words', () => {
    expect(() => wrapped('[')).toThrow('error parsing regexp: missing closing ]: `[$`');
  });
});

test('a pattern that would take other engines years takes no time', () => {
  expect(wrapped('(a+)+(b+)+c').matches('ab'.repeat(5_000))).toBe(false);
});

test('a match is looked for anywhere in the text', () => {
  expect(compileGoRegex('b').matches('abc')).toBe(true);
  expect(compileGoRegex('^b').matches('abc')).toBe(false);
});

test('repetitions count as often as they say in the size of a pattern', () => {
  expect(compileGoRegex('a{500}').size).toBeGreaterThanOrEqual(500);
  expect(compileGoRegex('^web$').size).toBeLessThan(20);
});
