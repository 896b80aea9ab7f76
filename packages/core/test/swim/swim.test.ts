import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GossipMessage } from '../../src/wire/messages.js';
import {
  address,
  aliveOf,
  bytes,
  codesIn,
  deadOf,
  Engine,
  endpoint,
  engineWith,
  nodeOf,
  noLoops,
  noticesIn,
  packetsIn,
  quietEngineWith,
  seeded,
  suspectOf,
  versions,
} from './engine-under-test.js';

describe('the start', () => {
  test('registers this node, says so and starts the loops', () => {
    const engine = new Engine({}, { nodeMeta: () => bytes('meta') }, () => 0.5);

    const outputs = engine.feed({ type: 'start' });

    expect(outputs).toEqual([
      {
        type: 'joined',
        member: {
          name: 'self',
          address: address(1),
          port: 7946,
          endpoint: endpoint(1),
          meta: bytes('meta'),
          incarnation: 1,
          state: 'alive',
          stateChangeMs: 0,
          versions,
        },
      },
      { type: 'schedule', timer: { type: 'probeTick' }, atMs: 500 },
      { type: 'schedule', timer: { type: 'pushPullTick' }, atMs: 15_000 },
      { type: 'schedule', timer: { type: 'gossipTick' }, atMs: 100 },
    ]);
    expect(engine.swim.queuedBroadcasts).toBe(1);
  });

  test('is the first input, and comes once', () => {
    const engine = new Engine();

    expect(() => engine.hear(aliveOf('b', 2))).toThrow('before "start"');
    expect(() => engine.swim.local).toThrow('not started');
    engine.feed({ type: 'start' });
    expect(() => engine.feed({ type: 'start' })).toThrow('already');
  });

  test.each([
    [Uint8Array.of(8, 8, 8, 8), 0, true],
    [Uint8Array.of(8, 8, 8, 8), 29, false],
    [Uint8Array.of(10, 0, 0, 1), 0, false],
    [Uint8Array.of(172, 31, 0, 1), 0, false],
    [Uint8Array.of(172, 32, 0, 1), 0, true],
    [Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 0, true],
    [Uint8Array.of(0xfd, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 0, false],
    [Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 168, 0, 1), 0, false],
  ])('at %j with an overhead of %i warns of an open cluster: %s', (own, overhead, warns) => {
    const engine = new Engine({ address: own, packetOverheadBytes: overhead });

    expect(codesIn(engine.feed({ type: 'start' }))).toEqual(
      warns ? ['publicWithoutEncryption'] : [],
    );
  });
});

describe('reads', () => {
  test('tell members, all entries, and their numbers', () => {
    const engine = quietEngineWith(['b', 'c', 'd']);
    engine.hear(suspectOf('b', 1, 'x'));
    engine.hear(deadOf('c', 1, 'x'));
    engine.hear(deadOf('d', 1, 'd'));
    const { swim } = engine;

    expect(
      swim
        .members()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['b', 'self']);
    expect(swim.allMembers()).toHaveLength(4);
    expect([swim.memberCount, swim.aliveCount]).toEqual([4, 2]);
    expect(swim.member('nobody')).toBeUndefined();
    expect(swim.local.name).toBe('self');
  });

  test('hand out snapshots that stay what they were', () => {
    const engine = quietEngineWith(['b']);
    const before = engine.swim.member('b');

    engine.hear(deadOf('b', 3, 'x'));

    expect(before).toMatchObject({ state: 'alive', incarnation: 1 });
  });
});

describe('messages of the layer above', () => {
  test('are handed on from packets and streams', () => {
    const engine = quietEngineWith(['b']);
    const message = { type: 'user', body: bytes('hi') } as const;

    for (const via of ['packet', 'stream'] as const) {
      const outputs = engine.feed({ type: 'message', message, from: endpoint(2), via });
      expect(outputs).toEqual([{ type: 'userMessage', body: bytes('hi'), from: endpoint(2) }]);
    }
  });

  test('go straight to a node, alone in their packet', () => {
    const engine = quietEngineWith(['b']);

    const outputs = engine.feed({ type: 'sendUser', to: endpoint(2), node: 'b', body: bytes('x') });

    expect(outputs).toEqual([
      {
        type: 'packet',
        to: endpoint(2),
        parts: [Uint8Array.of(8, 0x78)],
        checksum: true,
        probe: undefined,
      },
    ]);
  });

  test('that no datagram can hold are refused', () => {
    const engine = quietEngineWith(['b']);
    const body = new Uint8Array(65_502);

    const outputs = engine.feed({ type: 'sendUser', to: endpoint(2), node: 'b', body });

    expect(packetsIn(outputs)).toEqual([]);
    expect(engine.swim.refusals).toEqual({ tooLong: 1 });
  });
});

test('other messages don’t come by stream', () => {
  const engine = quietEngineWith(['b']);
  const message = deadOf('b', 1, 'x');

  engine.feed({ type: 'message', message, from: endpoint(2), via: 'stream' });

  expect(engine.swim.member('b')?.state).toBe('alive');
  expect(engine.swim.refusals).toEqual({ streamMessage: 1 });
});

describe('a ping on demand', () => {
  const ping = { type: 'ping', token: 3, node: 'b', to: endpoint(2) } as const;
  const sequenceIn = (outputs: ReturnType<Engine['feed']>) => {
    const [message] = packetsIn(outputs)[0]?.messages ?? [];
    return message?.type === 'ping' ? message.sequence : Number.NaN;
  };

  test('tells the round trip', () => {
    const engine = quietEngineWith(['b']);
    const sequence = sequenceIn(engine.feed(ping));
    engine.nowMs = 17;

    expect(engine.hear({ type: 'ack', sequence, payload: undefined })).toEqual([
      { type: 'pingResult', token: 3, rttMs: 17 },
    ]);
  });

  test('without an answer in time has none, and a late answer changes nothing', () => {
    const engine = quietEngineWith(['b']);
    const sequence = sequenceIn(engine.feed(ping));
    engine.nowMs = 500;

    expect(engine.feed({ type: 'timer', timer: { type: 'pingTimeout', sequence } })).toEqual([
      { type: 'pingResult', token: 3, rttMs: undefined },
    ]);
    expect(engine.hear({ type: 'ack', sequence, payload: undefined })).toEqual([]);
    expect(engine.swim.member('b')?.state).toBe('alive');
  });

  test('tries a stream too where that is wanted, and a contact there is an answer', () => {
    const engine = quietEngineWith(['b']);
    const sequence = sequenceIn(engine.feed({ ...ping, stream: true }));
    engine.nowMs = 500;
    const timeout = { type: 'timer', timer: { type: 'pingTimeout', sequence } } as const;

    expect(engine.feed(timeout)).toMatchObject([
      { type: 'streamProbe', to: endpoint(2), ping: { node: 'b', sequence }, deadlineMs: 1_000 },
      { type: 'schedule', atMs: 1_000 },
    ]);
    engine.nowMs = 600;
    expect(engine.feed({ type: 'streamProbeResult', sequence, contact: true })).toEqual([
      { type: 'pingResult', token: 3, rttMs: 600 },
    ]);
    expect(engine.feed(timeout)).toEqual([]);
  });

  test('without an answer on the stream either has none', () => {
    const engine = quietEngineWith(['b']);
    const sequence = sequenceIn(engine.feed({ ...ping, stream: true }));
    const timeout = { type: 'timer', timer: { type: 'pingTimeout', sequence } } as const;
    engine.nowMs = 500;
    engine.feed(timeout);

    engine.nowMs = 1_000;

    expect(engine.feed(timeout)).toEqual([{ type: 'pingResult', token: 3, rttMs: undefined }]);
  });

  test('that comes back to its own sender was answered by nobody', () => {
    const engine = quietEngineWith(['b']);
    const [sent] =
      packetsIn(engine.feed({ ...ping, node: engine.swim.local.name }))[0]?.messages ?? [];
    if (sent?.type !== 'ping') throw new Error('no ping');

    expect(engine.hear(sent)).toEqual([{ type: 'pingResult', token: 3, rttMs: undefined }]);
  });

  test('is refused, with an answer, when too many are under way', () => {
    const engine = quietEngineWith(['b']);
    for (let count = 0; count < 1_024; count += 1) engine.feed(ping);

    expect(noticesIn(engine.feed(ping))).toEqual([
      { type: 'pingResult', token: 3, rttMs: undefined },
    ]);
    expect(engine.swim.refusals).toEqual({ pingLimit: 1 });
  });
});

describe('a new overhead of packets', () => {
  test('drops what fits no more, and is counted from then on', () => {
    const engine = quietEngineWith([], { packetBudgetBytes: 700 });
    engine.hear(aliveOf('b', 2, { meta: new Uint8Array(500) }));
    expect(engine.swim.queuedBroadcasts).toBe(2);

    engine.feed({ type: 'packetOverhead', bytes: 200 });

    expect(engine.swim.queuedBroadcasts).toBe(1);
    expect(engine.swim.droppedBroadcasts).toBe(1);
    engine.hear(aliveOf('c', 3, { meta: new Uint8Array(500) }));
    expect(engine.swim.refusals).toEqual({ tooLong: 1 });
  });
});

describe('two members at one address', () => {
  test('are named in one line, at most twice a minute, and nobody is suspected', () => {
    const engine = quietEngineWith(['b'], { probeIntervalMs: 0 });

    const lines = ['c', 'd', 'e'].map((name, index) => {
      engine.nowMs = index * 1_000;
      return engine.hear(aliveOf(name, 2)).filter(({ type }) => type === 'report');
    });

    expect(lines[0]).toEqual([
      {
        type: 'report',
        code: 'sharedAddress',
        first: 'b',
        second: 'c',
        address: '10.0.0.2:7946',
      },
    ]);
    expect(lines.map(({ length }) => length)).toEqual([1, 1, 0]);
    engine.nowMs = 60_000;
    expect(codesIn(engine.hear(aliveOf('f', 2)))).toEqual(['sharedAddress']);
    expect(engine.swim.members().every(({ state }) => state === 'alive')).toBe(true);
  });

  test('are no matter when one of them is dead', () => {
    const engine = quietEngineWith(['b']);
    engine.hear(deadOf('b', 1, 'x'));

    expect(codesIn(engine.hear(aliveOf('c', 2)))).toEqual([]);
  });
});

describe('after the process stood still', () => {
  test('a probe ends without a verdict, and this node doubts itself', () => {
    const engine = quietEngineWith(['b']);
    engine.runUntil(engine.alarms[0]?.atMs ?? 0);

    const outputs = engine.standStillUntil(engine.nowMs + 5_000);

    expect(codesIn(outputs)).toEqual(['stalled']);
    expect(engine.swim.member('b')?.state).toBe('alive');
    expect(engine.swim.healthScore).toBe(1);
  });

  test('running suspicions are put off by the delay, once', () => {
    const engine = engineWith(['b', 'c', 'd'], { indirectChecks: 0 });
    engine.runUntil(100);
    engine.hear(suspectOf('b', 1, 'c'));

    const outputs = engine.standStillUntil(60_100);

    const report = outputs.find(({ type }) => type === 'report');
    if (report?.type !== 'report' || report.code !== 'stalled') throw new Error('no stall');
    const dueMs = engine.alarms
      .filter(({ timer }) => timer.type === 'suspicion')
      .map(({ atMs }) => atMs);
    expect(dueMs).toEqual([24_100 + report.lateMs]);
    expect(engine.swim.member('b')?.state).toBe('suspect');
  });

  test('a suspicion whose own timer comes first goes on, too', () => {
    const engine = quietEngineWith(['b', 'c', 'd'], { probeIntervalMs: 1_000 });
    engine.hear(suspectOf('b', 1, 'c'));
    engine.nowMs = 40_000;
    const timer = { type: 'suspicion', node: 'b', suspicion: 1, arming: 1 } as const;

    const outputs = engine.feed({ type: 'timer', timer });

    expect(outputs).toEqual([
      { type: 'schedule', timer: { ...timer, arming: 2 }, atMs: 40_000 },
      { type: 'report', code: 'stalled', lateMs: 16_000 },
    ]);
  });

  test('that is shorter than the probe timeout, nothing is put off', () => {
    const engine = quietEngineWith(['b']);
    engine.runUntil(engine.alarms[0]?.atMs ?? 0);

    expect(codesIn(engine.standStillUntil(engine.nowMs + 900))).not.toContain('stalled');
  });
});

test('an input that leads to nothing allocates no list', () => {
  const engine = quietEngineWith(['b']);
  const stale = aliveOf('b', 2);

  expect(engine.hear(stale)).toBe(engine.hear(stale));
});

describe('for every history', () => {
  const name = fc.constantFrom('self', 'b', 'c', 'd', 'e');
  const incarnation = fc.oneof(
    fc.integer({ min: 0, max: 6 }),
    fc.constantFrom(2 ** 32 - 2, 2 ** 32 - 1),
  );
  const message: fc.Arbitrary<GossipMessage> = fc.oneof(
    fc
      .record({
        name,
        incarnation,
        last: fc.integer({ min: 1, max: 4 }),
        meta: fc.uint8Array({ maxLength: 3 }),
      })
      .map((one) => aliveOf(one.name, one.last, { incarnation: one.incarnation, meta: one.meta })),
    fc
      .record({ name, incarnation, from: name })
      .map((one) => suspectOf(one.name, one.incarnation, one.from)),
    fc
      .record({ name, incarnation, from: name })
      .map((one) => deadOf(one.name, one.incarnation, one.from)),
  );
  const step = fc.oneof(
    { weight: 6, arbitrary: message.map((heard) => ({ heard })) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 40_000 }).map((waitMs) => ({ waitMs })) },
    {
      weight: 1,
      arbitrary: fc
        .record({
          name,
          incarnation,
          state: fc.constantFrom('alive' as const, 'dead' as const, 'left' as const),
        })
        .map((one) => ({ merged: nodeOf(one.name, 2, one) })),
    },
  );

  type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

  function run(engine: Engine, steps: readonly Step[], check: () => void) {
    const trace = [];
    for (const each of steps) {
      if ('heard' in each) trace.push(engine.hear(each.heard));
      else if ('waitMs' in each) trace.push(engine.runUntil(engine.nowMs + each.waitMs));
      else {
        const state = { join: false, nodes: [each.merged], userState: bytes('') };
        trace.push(engine.feed({ type: 'pushPullAnswer', exchange: 1, join: false, state }));
      }
      check();
    }
    return trace;
  }

  test('no incarnation falls while its entry lives, and the queue keeps its bound', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer(), (steps, seed) => {
        const engine = engineWith(['b', 'c', 'd'], { broadcastQueueLimit: 4 }, {}, seeded(seed));
        let before = new Map<string, number>();
        run(engine, steps, () => {
          const now = new Map(engine.swim.allMembers().map((one) => [one.name, one.incarnation]));
          for (const [known, incarnation] of now) {
            expect(incarnation).toBeGreaterThanOrEqual(before.get(known) ?? 1);
            expect(incarnation).toBeLessThan(2 ** 32 - 1);
          }
          before = now;
          expect(engine.swim.queuedBroadcasts).toBeLessThanOrEqual(4);
          expect(engine.swim.local.state).toBe('alive');
          expect(engine.swim.aliveCount).toBe(engine.swim.members().length);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('events tell of each member: joined and departed take turns', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer(), (steps, seed) => {
        const engine = engineWith(['b'], {}, {}, seeded(seed));
        const present = new Set(['self', 'b']);
        const trace = run(engine, steps, () => undefined);
        for (const notice of noticesIn(trace.flat())) {
          if (notice.type === 'joined') {
            expect(present.has(notice.member.name)).toBe(false);
            present.add(notice.member.name);
          } else if (notice.type === 'departed') {
            expect(present.delete(notice.member.name)).toBe(true);
          } else if (notice.type === 'updated') {
            expect(present.has(notice.member.name)).toBe(true);
          }
        }
        expect(
          engine.swim
            .members()
            .map((one) => one.name)
            .sort(),
        ).toEqual([...present].sort());
      }),
      { numRuns: 60 },
    );
  });

  test('the same seed gives the same run', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), fc.integer(), (steps, seed) => {
        const runOnce = () =>
          run(engineWith(['b', 'c'], {}, {}, seeded(seed)), steps, () => undefined);
        expect(runOnce()).toEqual(runOnce());
      }),
      { numRuns: 20 },
    );
  });
});

test('timers that name nothing that runs have no effect', () => {
  const engine = quietEngineWith(['b'], { ...noLoops, probeIntervalMs: 0 });
  const sequence = 12;
  const timers = [
    { type: 'probeTimeout', sequence },
    { type: 'probeDeadline', sequence },
    { type: 'relayNack', sequence },
    { type: 'relayDeadline', sequence },
    { type: 'pingTimeout', sequence },
    { type: 'suspicion', node: 'b', suspicion: 1, arming: 1 },
    { type: 'broadcastWait', token: 1 },
  ] as const;

  for (const timer of timers) expect(engine.feed({ type: 'timer', timer })).toEqual([]);
});
