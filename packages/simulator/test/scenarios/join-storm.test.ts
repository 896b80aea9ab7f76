import { expect, test } from 'vitest';
import type { Scenario } from '../../src/index.js';
import { eventsOf, play } from '../runs.js';

test('1,000 nodes that join within 5 s all know each other, and none is failed', {
  timeout: 170_000,
}, () => {
  const scenario: Scenario = {
    name: 'a join storm',
    nodes: 1_000,
    startOverMs: 5_000,
    runMs: 5_000,
    settleMs: 60_000,
    holdMs: 1_000,
  };

  const result = play(scenario, 1);

  expect(result.views.size).toBe(1_000);
  expect(eventsOf(result, 'member-failed')).toEqual([]);
});
