import { describe, expect, test } from 'vitest';
import { nodeNames, type Scenario, type Step } from '../../src/index.js';
import { eventsOf, play, seedsFrom, witnesses } from '../runs.js';

const minute = 60_000;
const hour = 60 * minute;

/** Days in seconds: members probe and gossip seldom, while Serf's layer keeps its own times. */
const unhurried = {
  probeIntervalMs: 60_000,
  probeTimeoutMs: 5_000,
  gossipIntervalMs: 20_000,
  pushPullIntervalMs: 300_000,
  gossipToTheDeadMs: 120_000,
} as const;

/** Six nodes, of which three are cut off from 10 s on; one seed on either side. */
function halves(cutMs: number, more: Partial<Scenario> & { steps?: readonly Step[] } = {}) {
  const half = ['n2', 'n4', 'n6'];
  return {
    name: `two halves for ${cutMs / minute} minutes`,
    nodes: 6,
    seeds: 2,
    profile: 'lan',
    ...more,
    steps: [{ atMs: 10_000, do: 'partition', groups: [half] }, ...(more.steps ?? [])],
    runMs: 10_000 + cutMs,
    settleMs: 20 * minute,
  } satisfies Scenario;
}

const withoutSeeds = { returnToSeeds: false } as const;

describe('after a partition all are one cluster again, without an operator', () => {
  test('of 10 minutes', () => {
    for (const seed of seedsFrom(1, 5)) {
      const result = play(halves(10 * minute, withoutSeeds), seed);

      expect(witnesses(result, 'member-failed', 'n1')).toEqual(['n2', 'n4', 'n6']);
      expect(eventsOf(result, 'member-reap')).toEqual([]);
      expect(result.agreedAfterMs).toBeLessThan(5 * minute);
    }
  });

  test('of 30 hours, which is longer than Serf remembers: by the peers that were lost', () => {
    for (const seed of seedsFrom(1, 3)) {
      const result = play(halves(30 * hour, { ...withoutSeeds, swim: unhurried }), seed);

      expect(witnesses(result, 'member-reap', 'n1')).toEqual(['n2', 'n4', 'n6']);
      expect(witnesses(result, 'member-reap', 'n2')).toEqual(['n1', 'n3', 'n5']);
      expect(result.agreedAfterMs).toBeLessThan(20 * minute);
    }
  });

  test('of 30 hours: by the seeds', () => {
    for (const seed of seedsFrom(1, 3)) {
      const result = play(halves(30 * hour, { swim: unhurried }), seed);

      expect(witnesses(result, 'member-reap', 'n1')).toEqual(['n2', 'n4', 'n6']);
      expect(result.agreedAfterMs).toBeLessThan(20 * minute);
    }
  });

  test('in which one half started anew, all at other addresses: by the seeds, looked up again', () => {
    const steps = ['n2', 'n4', 'n6'].map(
      (node): Step => ({ atMs: 10 * minute, do: 'restart', node, address: 'new' }),
    );
    for (const seed of seedsFrom(1, 5)) {
      const result = play(halves(30 * minute, { steps }), seed);

      expect(result.agreedAfterMs).toBeLessThan(15 * minute);
    }
  });

  test('in which one half started anew, after Serf had forgotten it', () => {
    const steps = ['n2', 'n4', 'n6'].map(
      (node): Step => ({ atMs: 26 * hour, do: 'restart', node, address: 'new' }),
    );
    for (const seed of seedsFrom(1, 3)) {
      const result = play(halves(30 * hour, { steps, swim: unhurried }), seed);

      expect(result.agreedAfterMs).toBeLessThan(20 * minute);
    }
  });
});

test('a pruned dead member stays gone while others join and a cut-off one returns', () => {
  for (const seed of seedsFrom(1, 5)) {
    const result = play(
      {
        name: 'a pruned member stays gone',
        nodes: 6,
        steps: [
          { atMs: 10_000, do: 'partition', groups: [['n6']], forMs: 200_000 },
          { atMs: 12_000, do: 'crash', node: 'n5', silent: true },
          { atMs: 90_000, do: 'forceLeave', node: 'n1', target: 'n5', prune: true },
          { atMs: 120_000, do: 'start', node: 'n7' },
          { atMs: 130_000, do: 'start', node: 'n8' },
          { atMs: 140_000, do: 'restart', node: 'n4' },
        ],
        runMs: 400_000,
        settleMs: 0,
      },
      seed,
    );

    expect(witnesses(result, 'member-reap', 'n5')).toEqual(['n1', 'n2', 'n3', 'n4']);
    const viewers = [...result.views].filter(([, members]) =>
      members.some(({ name }) => name === 'n5'),
    );
    // The one that was cut off missed the prune, and holds the dead member by itself until its own time for it is over.
    expect(viewers.map(([name]) => name).filter((name) => name !== 'n6')).toEqual([]);
    const reapedMs = Math.min(...eventsOf(result, 'member-reap', 'n5').map(({ atMs }) => atMs));
    const revived = eventsOf(result, 'member-join', 'n5').filter(({ atMs }) => atMs > reapedMs);
    expect(revived).toEqual([]);
    for (const [, members] of result.views) {
      const alive = members.filter(({ status }) => status === 'alive').map(({ name }) => name);
      expect(alive.sort()).toEqual(nodeNames(8).filter((name) => name !== 'n5'));
    }
  }
});

test('in a healthy cluster nobody contacts seeds', () => {
  const lines: string[] = [];
  const scenario: Scenario = {
    name: 'a quiet day',
    nodes: 8,
    swim: unhurried,
    runMs: 24 * hour,
    settleMs: 0,
  };
  const result = play(scenario, 1, (line) => lines.push(line));

  expect(result.events.length).toBeGreaterThan(0);
  expect(lines.filter((line) => line.includes('contactingSeed'))).toEqual([]);
});
