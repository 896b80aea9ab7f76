import { GoRegexError } from '@tserf/core';
import { expect, test } from 'vitest';
import { compileWrapped } from '../../src/rpc/go-regex.js';

test.each([
  ['n1', 'n1', true],
  ['n', 'n1', false],
  ['n1|n2', 'n1 and more', true],
  ['n1|n2', 'before n2', true],
  ['n1|n2', 'before n1', false],
  ['*', 'anything', true],
  ['', '', true],
  ['', 'a', false],
])('%j is held against all of %j, without a group: %s', async (pattern, text, matches) => {
  const regex = await compileWrapped(pattern);

  expect(regex(text)).toBe(matches);
});

test('what Go refuses is refused in its words', async () => {
  await expect(compileWrapped('[')).rejects.toThrow(GoRegexError);
  await expect(compileWrapped('[')).rejects.toThrow(
    'error parsing regexp: missing closing ]: `[$`',
  );
});
