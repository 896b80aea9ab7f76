import { expect, test } from 'vitest';
import { nodeNames, type Scenario, type Step } from '../../src/index.js';
import { play, seedsFrom } from '../runs.js';

/** Each node and each event that it delivered, once for each time. */
const deliveries = (result: ReturnType<typeof play>) =>
  result.deliveries.map(({ node, name }) => `${node} ${name}`);

function once(result: ReturnType<typeof play>, names: readonly string[], nodes: number) {
  const told = deliveries(result);
  expect(new Set(told).size).toBe(told.length);
  const expected = nodeNames(nodes).flatMap((node) => names.map((name) => `${node} ${name}`));
  expect(told.sort()).toEqual(expected.sort());
}

test('whoever crashes and starts again from its snapshot hears what it missed, and nothing twice', () => {
  for (const seed of seedsFrom(1, 10)) {
    const scenario: Scenario = {
      name: 'restarts with snapshots',
      nodes: 8,
      snapshots: true,
      returnToSeeds: false,
      steps: [
        { atMs: 10_000, do: 'event', node: 'n1', name: 'before' },
        { atMs: 20_000, do: 'crash', node: 'n5' },
        { atMs: 21_000, do: 'crash', node: 'n6' },
        { atMs: 30_000, do: 'event', node: 'n2', name: 'missed' },
        { atMs: 60_000, do: 'start', node: 'n5' },
        { atMs: 61_000, do: 'start', node: 'n6', address: 'new' },
        { atMs: 80_000, do: 'event', node: 'n5', name: 'after' },
      ],
      runMs: 90_000,
    };

    once(play(scenario, seed), ['before', 'missed', 'after'], 8);
  }
});

test('after an outage of all, with no seed to go back to, all find each other by their snapshots', () => {
  for (const seed of seedsFrom(1, 10)) {
    const names = nodeNames(8);
    const scenario: Scenario = {
      name: 'an outage of all',
      nodes: 8,
      snapshots: true,
      returnToSeeds: false,
      steps: [
        { atMs: 10_000, do: 'event', node: 'n1', name: 'before' },
        // One after another, so that the last ones see the others fail.
        ...names.map((node, index): Step => ({ atMs: 30_000 + index * 20_000, do: 'crash', node })),
        // The first one that starts finds nobody.
        ...names.map((node, index): Step => ({ atMs: 250_000 + index * 3_000, do: 'start', node })),
        { atMs: 300_000, do: 'event', node: 'n8', name: 'after' },
      ],
      runMs: 310_000,
      settleMs: 600_000,
    };

    once(play(scenario, seed), ['before', 'after'], 8);
  }
});

test('half a cluster whose other half starts anew elsewhere, from snapshots, is found by it', () => {
  const half = ['n2', 'n4', 'n6'];
  for (const seed of seedsFrom(1, 5)) {
    const scenario: Scenario = {
      name: 'half a cluster moves',
      nodes: 6,
      snapshots: true,
      returnToSeeds: false,
      steps: [
        { atMs: 10_000, do: 'partition', groups: [half] },
        ...half.map((node): Step => ({ atMs: 300_000, do: 'restart', node, address: 'new' })),
      ],
      runMs: 400_000,
      settleMs: 1_200_000,
    };

    expect(play(scenario, seed).agreedAfterMs).toBeDefined();
  }
});
