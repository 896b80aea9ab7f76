import { expect, test } from 'vitest';
import { type Scenario, simulate } from '../../src/index.js';
import { eventsOf, median, play, seedsFrom, witnesses } from '../runs.js';

const crash: Scenario = {
  name: 'one of twenty crashes',
  nodes: 20,
  steps: [{ atMs: 20_000, do: 'crash', node: 'n7', silent: true }],
  runMs: 60_000,
  settleMs: 10_000,
};

test('a crashed node is failed everywhere, in the time that suspicion takes', () => {
  const delays = seedsFrom(1, 10).flatMap((seed) => {
    const result = play(crash, seed);
    expect(witnesses(result, 'member-failed', 'n7')).toHaveLength(19);
    return eventsOf(result, 'member-failed').map(({ atMs, member }) => {
      expect(member).toBe('n7');
      return atMs - 20_000;
    });
  });

  // 20 nodes: a failed probe round takes 1 s, the shortest suspicion 4 s × log10(20) = 5.2 s (spec/02 §24); the first
  // probe and the two confirmations that shorten the suspicion come within few rounds, as 19 nodes probe.
  expect(Math.min(...delays)).toBeGreaterThan(6_200);
  expect(median(delays)).toBeLessThan(10_000);
  expect(Math.max(...delays)).toBeLessThan(33_000);
});

test('with 5 % of all packets lost nobody is failed', () => {
  for (const seed of seedsFrom(1, 5)) {
    const scenario: Scenario = {
      name: 'lossy',
      nodes: 30,
      steps: [{ atMs: 0, do: 'network', network: { loss: 0.05 } }],
      runMs: 90_000,
    };

    expect(eventsOf(play(scenario, seed), 'member-failed')).toEqual([]);
  }
});

test('a node that stood still fails nobody when it comes back', () => {
  for (const seed of seedsFrom(1, 10)) {
    const scenario: Scenario = {
      name: 'one stands still',
      nodes: 12,
      steps: [{ atMs: 15_000, do: 'pause', node: 'n4', forMs: 20_000 }],
      runMs: 60_000,
    };

    const result = play(scenario, seed);

    expect(eventsOf(result, 'member-failed').filter(({ member }) => member !== 'n4')).toEqual([]);
    expect(witnesses(result, 'member-failed', 'n4')).toHaveLength(11);
  }
});

test('a pause that is shorter than any suspicion goes by without a failure', () => {
  for (const seed of seedsFrom(1, 10)) {
    const scenario: Scenario = {
      name: 'a short stall',
      nodes: 12,
      steps: [{ atMs: 15_000, do: 'pause', node: 'n4', forMs: 3_500 }],
      runMs: 40_000,
    };

    expect(eventsOf(play(scenario, seed), 'member-failed')).toEqual([]);
  }
});

test('a node that stalls again and again fails nobody', () => {
  for (const seed of seedsFrom(1, 5)) {
    const scenario: Scenario = {
      name: 'a busy event loop',
      nodes: 10,
      steps: [{ atMs: 10_000, do: 'stutter', node: 'n2', stallMs: 800, runMs: 100 }],
      runMs: 60_000,
    };

    expect(eventsOf(play(scenario, seed), 'member-failed')).toEqual([]);
  }
});

test('helpers keep a pair alive for each other that cannot talk directly', () => {
  for (const seed of seedsFrom(1, 10)) {
    const scenario: Scenario = {
      name: 'an asymmetric cut',
      nodes: 8,
      steps: [{ atMs: 10_000, do: 'cut', from: ['n3'], to: ['n5'] }],
      runMs: 70_000,
    };

    const result = play(scenario, seed);

    expect(result.network.cut).toBeGreaterThan(0);
    expect(eventsOf(result, 'member-failed')).toEqual([]);
  }
});

test('a node that nobody hears is failed, and back after the cut ends', () => {
  const scenario: Scenario = {
    name: 'a mute node',
    nodes: 8,
    steps: [{ atMs: 10_000, do: 'cut', from: ['n3'], to: 'all', forMs: 40_000 }],
    runMs: 50_000,
  };

  const result = simulate(scenario, 1);

  expect(result.violations).toEqual([]);
  expect(witnesses(result, 'member-failed', 'n3')).toHaveLength(7);
  expect(result.agreedAfterMs).toBeLessThan(60_000);
});
