import { describe, expect, test } from 'vitest';
import { compileWrapped, GoRegexError } from '../../src/rpc/go-regex.js';

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
  ])('%j on %j: %s', async (pattern, text, matches) => {
    const regex = await compileWrapped(pattern);

    expect(regex(text)).toBe(matches);
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
  ])('%j', async (pattern) => {
    await expect(compileWrapped(pattern)).rejects.toThrow(GoRegexError);
  });

  test('is told in Go’s words', async () => {
    await expect(compileWrapped('[')).rejects.toThrow(
      'error parsing regexp: missing closing ]: `[$`',
    );
  });
});

test('a pattern that would take other engines years takes no time', async () => {
  const regex = await compileWrapped('(a+)+(b+)+c');

  expect(regex('ab'.repeat(5_000))).toBe(false);
});
