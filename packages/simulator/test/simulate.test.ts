import { expect, test } from 'vitest';
import { randomScenario, type Scenario, simulate } from '../src/index.js';
import { seedsFrom } from './runs.js';

const eventful: Scenario = {
  name: 'a bit of everything',
  nodes: 8,
  profile: 'local',
  network: { jitterMs: 2, loss: 0.05, duplication: 0.05, reordering: 0.1 },
  steps: [
    { atMs: 5_000, do: 'crash', node: 'n3' },
    { atMs: 6_000, do: 'pause', node: 'n4', forMs: 3_000 },
    { atMs: 8_000, do: 'partition', groups: [['n1', 'n2']], forMs: 4_000 },
    { atMs: 9_000, do: 'start', node: 'n3', address: 'new' },
    { atMs: 10_000, do: 'leave', node: 'n5' },
  ],
  runMs: 15_000,
  settleMs: 0,
};

test('one seed is one history, bit for bit', () => {
  for (const seed of seedsFrom(1, 3)) {
    const [first, second] = [simulate(eventful, seed), simulate(eventful, seed)];

    expect(second.hash).toBe(first.hash);
    expect(second).toEqual(first);
    expect(first.steps).toBeGreaterThan(1_000);
  }
});

test('different seeds are different histories', () => {
  const hashes = seedsFrom(1, 10).map((seed) => simulate(eventful, seed).hash);

  expect(new Set(hashes).size).toBe(10);
});

test('following a run line by line does not change it', () => {
  const lines: string[] = [];

  const followed = simulate(eventful, 1, (line) => lines.push(line));

  expect(followed.hash).toBe(simulate(eventful, 1).hash);
  expect(lines.some((line) => line.includes('n3    crashes'))).toBe(true);
});

test('the scenario of a seed is always the same one', () => {
  expect(randomScenario(17)).toEqual(randomScenario(17));
  expect(randomScenario(17)).not.toEqual(randomScenario(18));
});
