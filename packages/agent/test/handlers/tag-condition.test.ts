import { GoRegexError } from '@tserf/core';
import { expect, test } from 'vitest';
import { patternProblem, tagCondition } from '../../src/handlers/tag-condition.js';

test.each([
  [{}, {}, true],
  [{ role: 'web' }, { role: 'web' }, true],
  [{ role: 'web' }, { role: 'webserver' }, false],
  [{ role: 'web|db' }, { role: 'db' }, true],
  [{ role: 'web|db' }, { role: 'webserver' }, false],
  [{ role: 'web', dc: 'e.*' }, { role: 'web', dc: 'east' }, true],
  [{ role: 'web', dc: 'e.*' }, { role: 'web', dc: 'west' }, false],
  [{ role: 'web' }, {}, false],
  [{ role: '' }, {}, true],
  [{ role: '.*' }, {}, true],
  [{ toString: '' }, {}, true],
])('where %j, tags %j: %s', async (where, tags, isMeant) => {
  expect((await tagCondition(where))(tags)).toBe(isMeant);
});

test('a pattern that is none is refused in Go’s words, and as it was written', async () => {
  const words = 'error parsing regexp: missing closing ]: `[`';

  await expect(tagCondition({ role: 'web', dc: '[' })).rejects.toThrow(new GoRegexError(words));
  expect(await patternProblem('[')).toBe(words);
  expect(await patternProblem('web|db')).toBeUndefined();
});
