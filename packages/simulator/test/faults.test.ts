import { expect, test } from 'vitest';
import { describeFailure, type Scenario, type Step, simulate } from '../src/index.js';
import { eventsOf, play } from './runs.js';

function five(steps: readonly Step[], changes: Partial<Scenario> = {}): Scenario {
  return { name: 'five nodes', nodes: 5, profile: 'local', steps, runMs: 20_000, ...changes };
}

test('who does not agree in time has broken a rule, and the story says how to see it again', () => {
  const scenario = five([{ atMs: 19_999, do: 'crash', node: 'n2' }], { settleMs: 500 });

  const result = simulate(scenario, 7);

  expect(result.violations.map(({ rule }) => rule)).toEqual(['disagreement']);
  expect(result.agreedAfterMs).toBeUndefined();
  expect(describeFailure(result)).toMatch(/about n2, which is gone: alive[\s\S]*simulator -- 7$/);
});

test('faults end with the run: who was cut off is heard again, who stood still runs', () => {
  const steps: Step[] = [
    { atMs: 8_000, do: 'cut', from: ['n1'], to: 'all' },
    { atMs: 8_000, do: 'pause', node: 'n2' },
    { atMs: 8_000, do: 'network', network: { loss: 1 } },
  ];

  const result = play(five(steps), 1);

  expect(result.network.lost).toBeGreaterThan(0);
  expect(result.agreedAfterMs).toBeGreaterThan(0);
});

test('a node that stands still for long loses what its full buffer has no room for', () => {
  const calm = play(five([], { settleMs: 0, runMs: 2_400_000 }), 1);
  const flooded = play(
    five([{ atMs: 10_000, do: 'pause', node: 'n2' }], {
      runMs: 2_400_000,
      // Nobody is failed for its silence, so that all go on talking to it.
      swim: { suspicionMult: 10_000 },
    }),
    1,
  );

  expect(calm.network.overflowed).toBe(0);
  expect(flooded.network.overflowed).toBeGreaterThan(0);
});

test('packets that come late, with timers on time, cost nobody its place while they are not later than a suspicion', () => {
  const steps: Step[] = [{ atMs: 8_000, do: 'latePackets', node: 'n3', byMs: 900 }];

  const result = play(five(steps, { profile: 'lan', runMs: 60_000 }), 1);

  expect(eventsOf(result, 'member-failed')).toEqual([]);
});

test('a cut that reports send errors brings in the helpers at once', () => {
  const cut = (sendErrors: boolean): Scenario =>
    five([{ atMs: 8_000, do: 'cut', from: ['n1'], to: ['n2'], sendErrors }], { settleMs: 0 });

  const [told, untold] = [play(cut(true), 1), play(cut(false), 1)];

  expect(told.hash).not.toBe(untold.hash);
  expect(eventsOf(told, 'member-failed')).toEqual([]);
});
