import { expect, test } from 'vitest';
import { LostPeers } from '../../../src/serf/healing/lost-peers.js';
import { seeded } from '../../swim/engine-under-test.js';

const peer = (name: string) => ({ name, endpoint: { host: '10.0.0.1', port: 7_946 } });

test('whoever outnumbers the members is asked in every round', () => {
  const lost = new LostPeers(10);
  for (const name of ['a', 'b', 'c']) lost.add(peer(name));

  const names = (present: number, random: () => number) =>
    lost.choose(present, random).map(({ name }) => name);
  expect(names(3, () => 0.999)).toHaveLength(1);
  expect(names(2, () => 0.999)).toHaveLength(1);
  expect(names(1, () => 0.4).sort()).toEqual(['a', 'b', 'c']);
});

test('one of many members seldom asks', () => {
  const lost = new LostPeers(10);
  lost.add(peer('a'));

  expect(lost.choose(100, () => 0.02)).toEqual([]);
  expect(lost.choose(100, () => 0.005)).toEqual([peer('a')]);
});

test('nobody is asked where nobody is lost', () => {
  expect(new LostPeers(10).choose(1, () => 0)).toEqual([]);
});

test('whoever lost nearly all others asks a few in each round', () => {
  const lost = new LostPeers(100);
  for (let index = 0; index < 100; index += 1) lost.add(peer(`n${index}`));

  const asked = lost.choose(1, seeded(1));

  expect(new Set(asked).size).toBe(3);
});

test('the ones that were lost first are given up beyond the limit', () => {
  const lost = new LostPeers(2);
  for (const name of ['a', 'b', 'a', 'c']) lost.add(peer(name));

  expect([lost.has('a'), lost.has('b'), lost.has('c')]).toEqual([true, false, true]);
});
