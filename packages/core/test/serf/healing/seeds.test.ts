import { expect, test } from 'vitest';
import { type Presence, Seeds } from '../../../src/serf/healing/seeds.js';

const at = (number: number) => ({ host: `10.0.0.${number}`, port: 7_946 });
const half = () => 0.5;
const minute = 60_000;

/** Members at the addresses of these numbers. */
const present = (...numbers: readonly number[]): Presence => ({
  members: numbers.length,
  has: ({ host }) => numbers.some((number) => at(number).host === host),
});

test('a node whose seeds are all members contacts nobody, and looks them up every ten minutes', () => {
  const seeds = new Seeds(['a', 'b'], half);
  const all = present(1, 2, 3);
  expect(seeds.due(all, 0)).toEqual(['a', 'b']);
  expect(seeds.found('a', [at(1)], all, 0)).toEqual([]);
  expect(seeds.found('b', [at(2), at(3)], all, 0)).toEqual([]);

  expect(seeds.due(all, 9 * minute)).toEqual([]);
  expect(seeds.due(all, 10 * minute)).toEqual(['a', 'b']);
});

test('a seed that is missed is contacted for ever, less and less often', () => {
  const seeds = new Seeds(['a'], half);
  const alone = present(9);
  const contactsMs: number[] = [];
  for (let nowMs = 0; nowMs < 24 * 60 * minute; nowMs += 30_000) {
    for (const address of seeds.due(alone, nowMs)) {
      if (seeds.found(address, [at(1)], alone, nowMs).length > 0) contactsMs.push(nowMs);
    }
  }

  const pauses = contactsMs.slice(1).map((atMs, index) => atMs - (contactsMs[index] as number));
  expect(pauses.slice(0, 6)).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000]);
  expect(Math.max(...pauses)).toBe(600_000);
  expect(contactsMs.at(-1)).toBeGreaterThan(23 * 60 * minute);
});

test('a name that leads elsewhere by now is followed', () => {
  const seeds = new Seeds(['a'], half);
  const mine = present(1, 9);
  seeds.due(mine, 0);
  seeds.found('a', [at(1)], mine, 0);

  expect(seeds.due(mine, 10 * minute)).toEqual(['a']);
  expect(seeds.found('a', [at(5)], mine, 10 * minute)).toEqual([at(5)]);
});

test('of several addresses those are contacted at which nobody is, three at a time', () => {
  const seeds = new Seeds(['a'], half);
  const some = present(1, 2);
  seeds.due(some, 0);

  const to = seeds.found('a', [1, 2, 3, 4, 5, 6].map(at), some, 0);

  expect(to).toHaveLength(3);
  expect(to).not.toContainEqual(at(1));
  expect(to).not.toContainEqual(at(2));
});

test('a dead name holds up nobody, and is asked for again', () => {
  const seeds = new Seeds(['dead', 'good'], half);
  const alone = present(9);
  seeds.due(alone, 0);

  expect(seeds.found('dead', undefined, alone, 0)).toEqual([]);
  expect(seeds.found('good', [at(1)], alone, 0)).toEqual([at(1)]);
  expect(seeds.due(alone, minute)).toContain('dead');
});

test('a lookup that has not ended is not begun again', () => {
  const seeds = new Seeds(['slow'], half);

  expect(seeds.due(present(9), 0)).toEqual(['slow']);
  expect(seeds.due(present(9), minute)).toEqual([]);
});

test('where a name cannot be looked up, its last addresses count', () => {
  const seeds = new Seeds(['a'], half);
  seeds.due(present(1, 9), 0);
  seeds.found('a', [at(1)], present(1, 9), 0);
  seeds.missed(at(1), 1_000);

  expect(seeds.due(present(9), minute)).toEqual(['a']);
  expect(seeds.found('a', undefined, present(9), minute)).toEqual([at(1)]);
});

test('a seed whose member goes is wanted soon, not ten minutes later', () => {
  const seeds = new Seeds(['a', 'b'], half);
  const both = present(1, 2, 9);
  seeds.due(both, 0);
  seeds.found('a', [at(1)], both, 0);
  seeds.found('b', [at(2)], both, 0);

  seeds.missed(at(1), 1_000);

  expect(seeds.due(present(2, 9), 20_000)).toEqual([]);
  expect(seeds.due(present(2, 9), 31_000)).toEqual(['a']);
});

test('who answers under another address than the seed is contacted as seldom as can be', () => {
  const seeds = new Seeds(['balancer'], half);
  const others = present(1, 2, 3);
  let contacts = 0;
  for (let nowMs = 0; nowMs < 60 * minute; nowMs += 30_000) {
    for (const address of seeds.due(others, nowMs)) {
      contacts += seeds.found(address, [at(99)], others, nowMs).length;
      seeds.reached(address, nowMs);
    }
  }

  expect(contacts).toBeLessThanOrEqual(7);
});

test('of a large cluster only some members go after a seed in a round', () => {
  const crowd: Presence = { members: 1_000, has: () => false };
  let state = 1;
  const random = () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const nodes = Array.from({ length: 1_000 }, () => new Seeds(['a'], random));
  for (const node of nodes) {
    node.due(crowd, 0);
    node.found('a', [at(1)], crowd, 0);
  }

  const seekers = nodes.filter((node) => node.due(crowd, 60 * minute).length > 0).length;

  expect(seekers).toBeLessThan(12);
});

test('a list without end is cut', () => {
  const seeds = new Seeds(
    Array.from({ length: 1_000 }, (_, index) => `host-${index}`),
    half,
  );

  expect(seeds.size).toBe(256);
});
