import { describe, expect, test } from 'vitest';
import {
  aliveOf,
  codesIn,
  deadOf,
  drainGossip,
  quietEngineWith,
  suspectOf,
} from './engine-under-test.js';

const noProbes = { probeIntervalMs: 1_000, indirectChecks: 0 };

describe('a suspicion', () => {
  test('makes a member suspect, is gossiped on and gets a timer', () => {
    const engine = quietEngineWith(['b', 'c', 'd']);

    const outputs = engine.hear(suspectOf('b', 3, 'c'));

    expect(outputs).toEqual([
      {
        type: 'schedule',
        timer: { type: 'suspicion', node: 'b', suspicion: 1, arming: 1 },
        atMs: 24_000,
      },
      { type: 'report', code: 'suspecting', node: 'b', reason: 'c' },
    ]);
    expect(engine.swim.member('b')).toMatchObject({ state: 'suspect', incarnation: 3 });
    expect(drainGossip(engine)).toContainEqual(suspectOf('b', 3, 'c'));
  });

  test('of an unknown member or an earlier incarnation leads to nothing', () => {
    const engine = quietEngineWith(['b', 'c']);
    engine.hear(aliveOf('b', 2, { incarnation: 4 }));

    expect(engine.hear(suspectOf('nobody', 1, 'c'))).toEqual([]);
    expect(engine.hear(suspectOf('b', 3, 'c'))).toEqual([]);
  });

  test('of one that is dead or left leads to nothing', () => {
    const engine = quietEngineWith(['b', 'c']);
    engine.hear(deadOf('b', 1, 'c'));

    expect(engine.hear(suspectOf('b', 9, 'c'))).toEqual([]);
    expect(engine.swim.member('b')).toMatchObject({ state: 'dead', incarnation: 1 });
  });

  test('of this node is refuted above it', () => {
    const engine = quietEngineWith(['b']);

    const outputs = engine.hear(suspectOf('self', 1, 'b'));

    expect(outputs).toEqual([
      { type: 'report', code: 'refuting', accusation: 'suspect', from: 'b' },
    ]);
    expect(engine.swim.local).toMatchObject({ state: 'alive', incarnation: 2 });
    expect(engine.swim.healthScore).toBe(1);
    expect(drainGossip(engine)).toContainEqual(aliveOf('self', 1, { incarnation: 2 }));
  });

  test('of this node that is older than what it says now is ignored', () => {
    const engine = quietEngineWith(['b']);
    engine.hear(suspectOf('self', 50, 'b'));
    expect(engine.swim.local.incarnation).toBe(51);

    expect(engine.hear(suspectOf('self', 50, 'b'))).toEqual([]);
  });
});

describe('confirmations', () => {
  test('from others shorten the suspicion and are gossiped on; enough is enough', () => {
    const engine = quietEngineWith(['b', 'c', 'd'], noProbes);
    engine.hear(suspectOf('b', 1, 'c'));

    engine.nowMs = 1_000;
    const second = engine.hear(suspectOf('b', 1, 'd'));
    engine.nowMs = 2_000;
    const third = engine.hear(suspectOf('b', 1, 'e'));
    const fourth = engine.hear(suspectOf('b', 1, 'f'));

    // One accuser 24 s, two 11.38 s, three 4 s, as measured on LAN timing with four members.
    expect(second).toMatchObject([{ timer: { arming: 2 }, atMs: 11_381 }]);
    expect(third).toMatchObject([{ timer: { arming: 3 }, atMs: 4_000 }]);
    expect(fourth).toEqual([]);
    expect(drainGossip(engine)).toContainEqual(suspectOf('b', 1, 'e'));
  });

  test('by the same accuser count once', () => {
    const engine = quietEngineWith(['b', 'c', 'd']);
    engine.hear(suspectOf('b', 1, 'c'));

    expect(engine.hear(suspectOf('b', 1, 'c'))).toEqual([]);
  });

  test('that come when the shorter time is over already end it at once', () => {
    const engine = quietEngineWith(['b', 'c', 'd', 'e'], noProbes);
    engine.hear(suspectOf('b', 1, 'c'));
    engine.nowMs = 20_000;

    const outputs = engine.hear(suspectOf('b', 1, 'd'));

    expect(outputs).toEqual([
      { type: 'report', code: 'markedDead', node: 'b', confirmations: 1 },
      { type: 'departed', member: engine.swim.member('b') },
    ]);
  });

  describe.each([
    [2, [], 500],
    [3, [], 500],
    [4, [], 500],
    [5, [], 1_000],
    [6, [], 1_000],
    [6, ['1'], 750],
    [6, ['1', '2'], 604],
    [6, ['1', '2', '3'], 500],
    [6, ['1', '2', '3', '4'], 500],
  ] as const)('among %i members with accusers %j', (members, confirmers, diesAtMs) => {
    test(`the suspect dies after ${diesAtMs} ms, to the millisecond that is cut off`, () => {
      const names = Array.from({ length: members - 1 }, (_, index) => `node-${index}`);
      const engine = quietEngineWith(names, {
        suspicionMult: 5,
        suspicionMaxTimeoutMult: 2,
        probeIntervalMs: 100,
        probeTimeoutMs: 50_000,
        indirectChecks: 0,
      });
      const [suspect = ''] = names;
      engine.hear(suspectOf(suspect, 1, 'first'));
      for (const from of confirmers) engine.hear(suspectOf(suspect, 1, from));

      engine.runUntil(diesAtMs - 2);
      expect(engine.swim.member(suspect)?.state).toBe('suspect');

      engine.runUntil(diesAtMs);
      expect(engine.swim.member(suspect)?.state).toBe('dead');
    });
  });
});

describe('the end of a suspicion', () => {
  test('declares the suspect dead in this node’s name', () => {
    const engine = quietEngineWith(['b', 'c'], noProbes);
    engine.hear(suspectOf('b', 2, 'c'));
    engine.nowMs = 4_000;

    const outputs = engine.feed({
      type: 'timer',
      timer: { type: 'suspicion', node: 'b', suspicion: 1, arming: 1 },
    });

    expect(outputs).toEqual([
      { type: 'report', code: 'markedDead', node: 'b', confirmations: 0 },
      { type: 'departed', member: engine.swim.member('b') },
    ]);
    expect(engine.swim.member('b')).toMatchObject({ state: 'dead', incarnation: 2 });
    expect(drainGossip(engine)).toContainEqual(deadOf('b', 2, 'self'));
  });

  test('has no effect after a refutation, nor on the next suspicion', () => {
    const engine = quietEngineWith(['b', 'c'], noProbes);
    engine.hear(suspectOf('b', 1, 'c'));
    engine.hear(aliveOf('b', 2, { incarnation: 2 }));
    const late = { type: 'suspicion', node: 'b', suspicion: 1, arming: 1 } as const;
    engine.nowMs = 4_000;

    expect(engine.feed({ type: 'timer', timer: late })).toEqual([]);
    engine.hear(suspectOf('b', 2, 'c'));
    expect(engine.feed({ type: 'timer', timer: late })).toEqual([]);
    expect(engine.swim.member('b')?.state).toBe('suspect');
  });

  test('is void for a timer that was armed before a confirmation', () => {
    const engine = quietEngineWith(['b', 'c', 'd'], noProbes);
    engine.hear(suspectOf('b', 1, 'c'));
    engine.hear(suspectOf('b', 1, 'd'));
    const early = { type: 'suspicion', node: 'b', suspicion: 1, arming: 1 } as const;

    expect(engine.feed({ type: 'timer', timer: early })).toEqual([]);
  });
});

describe('a message that a member is dead', () => {
  test('is taken, gossiped on and told to the layer above', () => {
    const engine = quietEngineWith(['b', 'c']);

    const outputs = engine.hear(deadOf('b', 4, 'c'));

    expect(outputs).toEqual([{ type: 'departed', member: engine.swim.member('b') }]);
    expect(engine.swim.member('b')).toMatchObject({ state: 'dead', incarnation: 4 });
    expect(drainGossip(engine)).toContainEqual(deadOf('b', 4, 'c'));
  });

  test('means that it left when it says so itself', () => {
    const engine = quietEngineWith(['b', 'c']);

    engine.hear(deadOf('b', 1, 'b'));

    expect(engine.swim.member('b')?.state).toBe('left');
    expect(engine.swim.aliveCount).toBe(2);
    expect(engine.swim.memberCount).toBe(3);
  });

  test('changes neither dead into left nor left into dead', () => {
    const engine = quietEngineWith(['b', 'c']);
    engine.hear(deadOf('b', 1, 'c'));
    engine.hear(deadOf('c', 1, 'c'));

    expect(engine.hear(deadOf('b', 2, 'b'))).toEqual([]);
    expect(engine.hear(deadOf('c', 2, 'b'))).toEqual([]);
    expect(engine.swim.member('b')?.state).toBe('dead');
    expect(engine.swim.member('c')?.state).toBe('left');
  });

  test('ends a running suspicion', () => {
    const engine = quietEngineWith(['b', 'c'], noProbes);
    engine.hear(suspectOf('b', 1, 'c'));
    engine.hear(deadOf('b', 1, 'c'));

    engine.nowMs = 4_000;
    const timer = { type: 'suspicion', node: 'b', suspicion: 1, arming: 1 } as const;
    expect(engine.feed({ type: 'timer', timer })).toEqual([]);
  });

  test.each(['b', 'self'])('of this node, from %s, is refuted while it isn’t leaving', (from) => {
    const engine = quietEngineWith(['b']);

    expect(codesIn(engine.hear(deadOf('self', 50, from)))).toEqual(['refuting']);
    expect(engine.swim.local).toMatchObject({ state: 'alive', incarnation: 51 });
  });
});
