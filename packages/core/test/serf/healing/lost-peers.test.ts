import { expect, test } from 'vitest';
import { LostPeers } from '../../../src/serf/healing/lost-peers.js';

const peer = (name: string) => ({ name, endpoint: { host: '10.0.0.1', port: 7_946 } });

test('whoever outnumbers the members is asked in every round', () => {
  const lost = new LostPeers(10);
  for (const name of ['a', 'b', 'c']) lost.add(peer(name));

  expect(lost.choose(3, () => 0.999)?.name).toBe('c');
  expect(lost.choose(1, () => 0.4)?.name).toBe('b');
});

test('one of many members seldom asks', () => {
  const lost = new LostPeers(10);
  lost.add(peer('a'));

  expect(lost.choose(100, () => 0.02)).toBeUndefined();
  expect(lost.choose(100, () => 0.005)?.name).toBe('a');
});

test('nobody is asked where nobody is lost', () => {
  expect(new LostPeers(10).choose(1, () => 0)).toBeUndefined();
});

test('the ones that were lost first are given up beyond the limit', () => {
  const lost = new LostPeers(2);
  for (const name of ['a', 'b', 'a', 'c']) lost.add(peer(name));

  expect([lost.has('a'), lost.has('b'), lost.has('c')]).toEqual([true, false, true]);
});
