import { expect, test } from 'vitest';
import { nearestWord } from '../src/nearest-word.js';

const words = ['members', 'monitor', 'join', 'leave', 'force-leave'];

test.each([
  ['membrs', 'members'],
  ['memebrs', 'members'],
  ['Monitor', 'monitor'],
  ['jon', 'join'],
  ['jo', undefined],
  ['leav', 'leave'],
  ['force_leav', 'force-leave'],
  ['', undefined],
  ['x'.repeat(100_000), undefined],
])('%s may mean %s', (typed, meant) => {
  expect(nearestWord(typed, words)).toBe(meant);
});
