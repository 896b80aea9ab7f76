import { expect, test } from 'vitest';
import { nodeNames, type Scenario, type Step } from '../../src/index.js';
import { eventsOf, play, seedsFrom, witnesses } from '../runs.js';

test('a leave is seen as left everywhere, without a failure', () => {
  for (const seed of seedsFrom(1, 5)) {
    const scenario: Scenario = {
      name: 'a graceful leave',
      nodes: 12,
      steps: [{ atMs: 10_000, do: 'leave', node: 'n5' }],
      runMs: 20_000,
    };

    const result = play(scenario, seed);

    expect(witnesses(result, 'member-leave', 'n5')).toHaveLength(12);
    expect(eventsOf(result, 'member-failed')).toEqual([]);
    for (const view of result.views.values()) {
      expect(view.find(({ name }) => name === 'n5')?.status).toBe('left');
    }
  }
});

test('after a leave a node is alive everywhere on a new address within 5 s', () => {
  for (const seed of seedsFrom(1, 5)) {
    const result = play(returning({ atMs: 10_000, do: 'leave', node: 'n5' }), seed);

    expect(result.agreedAfterMs).toBeLessThanOrEqual(5_000);
  }
});

test('after a crash a node is alive everywhere on a new address within 90 s', () => {
  for (const seed of seedsFrom(1, 5)) {
    const result = play(returning({ atMs: 10_000, do: 'crash', node: 'n5' }), seed);

    expect(result.agreedAfterMs).toBeLessThanOrEqual(90_000);
  }
});

test('after a crash a node is alive everywhere on its old address within 5 s', () => {
  for (const seed of seedsFrom(1, 5)) {
    const result = play(returning({ atMs: 10_000, do: 'crash', node: 'n5' }, 'same'), seed);

    expect(result.agreedAfterMs).toBeLessThanOrEqual(5_000);
  }
});

/** `n5` goes, and is back 20 s later; agreement is measured from its start. */
function returning(goes: Step, address: 'same' | 'new' = 'new'): Scenario {
  return {
    name: `back on ${address} address`,
    nodes: 10,
    steps: [goes, { atMs: 30_000, do: 'start', node: 'n5', address }],
    runMs: 30_000,
  };
}

test('a partition of 60 s heals, and both halves know each other again', () => {
  for (const seed of seedsFrom(1, 5)) {
    const half = nodeNames(16).slice(0, 8);
    const scenario: Scenario = {
      name: 'a long partition',
      nodes: 16,
      steps: [{ atMs: 10_000, do: 'partition', groups: [half], forMs: 60_000 }],
      runMs: 70_000,
    };

    const result = play(scenario, seed);

    expect(witnesses(result, 'member-failed', 'n1').length).toBeGreaterThanOrEqual(8);
    expect(result.agreedAfterMs).toBeLessThan(60_000);
  }
});

test('a mass restart heals, although peers hold the restarted as dead at higher incarnations', () => {
  for (const seed of seedsFrom(1, 5)) {
    const scenario: Scenario = {
      name: 'a mass restart',
      nodes: 20,
      steps: nodeNames(20)
        .slice(4)
        .flatMap((node): Step[] => [
          // Stalls make the node refute, which raises its incarnation above the one it starts with again.
          { atMs: 10_000, do: 'pause', node, forMs: 3_000 },
          { atMs: 25_000, do: 'crash', node },
          { atMs: 120_000, do: 'start', node },
        ]),
      runMs: 120_000,
    };

    const result = play(scenario, seed);

    expect(witnesses(result, 'member-failed', 'n20').length).toBeGreaterThanOrEqual(4);
    expect(result.agreedAfterMs).toBeLessThan(10_000);
  }
});

test('new tags reach everybody', () => {
  const scenario: Scenario = {
    name: 'new tags',
    nodes: 15,
    steps: [{ atMs: 10_000, do: 'setTags', node: 'n2', tags: { role: 'web' } }],
    runMs: 10_000,
  };

  const result = play(scenario, 1);

  expect(result.agreedAfterMs).toBeLessThanOrEqual(3_000);
  expect(witnesses(result, 'member-update', 'n2')).toHaveLength(15);
});
