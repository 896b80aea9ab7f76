import { expect, test } from 'vitest';
import type { Scenario } from '../../src/index.js';
import { eventsOf, median, play, seedsFrom } from '../runs.js';

test('200 nodes that join within 5 s all know each other soon, and none is failed', {
  timeout: 120_000,
}, () => {
  const scenario: Scenario = { name: 'a join storm', nodes: 200, startOverMs: 5_000, runMs: 5_000 };

  const results = seedsFrom(1, 3).map((seed) => play(scenario, seed));

  // Each of them sends the news of a newcomer to 12 members of its choice. The chance that none of 2,400 packets goes to a
  // given node is about e^-12.4; among 40,000 pairs, one storm in six or seven has such a node. Its first push/pull, within
  // half a minute, tells it.
  const agreed = results.map(({ agreedAfterMs }) => agreedAfterMs ?? Number.POSITIVE_INFINITY);
  expect(median(agreed)).toBeLessThan(5_000);
  expect(Math.max(...agreed)).toBeLessThan(60_000);
  for (const result of results) expect(eventsOf(result, 'member-failed')).toEqual([]);
});

test('of 1,000 nodes that join within 2 s none is failed, and each knows most others 3 s later', {
  timeout: 300_000,
}, () => {
  // Ends before all know each other: that takes half a minute of virtual time and minutes of real time.
  const scenario: Scenario = {
    name: 'a large join storm',
    nodes: 1_000,
    seeds: 1,
    startOverMs: 2_000,
    runMs: 5_000,
    settleMs: 0,
    record: ['member-failed'],
  };

  const result = play(scenario, 1);

  expect(result.views.size).toBe(1_000);
  const known = [...result.views.values()].map(
    (view) => view.filter(({ status }) => status === 'alive').length,
  );
  expect(Math.min(...known)).toBeGreaterThan(500);
  expect(median(known)).toBeGreaterThan(750);
  expect(result.events).toEqual([]);
});
