import { describe, expect, test } from 'vitest';
import { profiles } from '../../src/swim/options.js';
import { swimOptionsProblem } from '../../src/swim/options-problem.js';
import type { Alive, Ping } from '../../src/wire/messages.js';
import {
  address,
  aliveOf,
  bytes,
  codesIn,
  deadOf,
  drainGossip,
  Engine,
  endpoint,
  engineWith,
  mappedAddress,
  noBytes,
  nodeOf,
  noticesIn,
  optionsOf,
  packetsIn,
  quietEngineWith,
  seeded,
  suspectOf,
  versions,
} from './engine-under-test.js';

/** What other implementations are known to get wrong, by the numbers of spec/02 §25 and spec/01 §16. */
const noVersions = {
  protocolMin: 0,
  protocolMax: 0,
  protocolCurrent: 0,
  delegateMin: 0,
  delegateMax: 0,
  delegateCurrent: 0,
};
const highest = 2 ** 32 - 1;
const ping: Ping = {
  type: 'ping',
  sequence: 1,
  node: '',
  sourceAddress: undefined,
  sourcePort: 0,
  sourceNode: '',
};

test('M1: an alive with incarnation 0 leaves nothing behind', () => {
  const engine = quietEngineWith([]);

  engine.hear(aliveOf('ghost', 9, { incarnation: 0 }));

  expect(engine.swim.allMembers().map(({ name }) => name)).toEqual(['self']);
  expect(engine.swim.refusals).toEqual({ incarnation: 1 });
});

test('M2: an alive without versions is refused, in a push/pull too, and poisons nobody’s', () => {
  const engine = quietEngineWith(['b']);
  engine.hear(aliveOf('c', 3, { versions: noVersions }));
  const nodes = [nodeOf('d', 4, { versions: noVersions }), nodeOf('e', 5)];
  const state = { join: true, nodes, userState: noBytes };

  const outputs = engine.feed({ type: 'pushPullAnswer', exchange: 1, join: true, state });

  expect(outputs.at(-1)).toMatchObject({ type: 'pushPullMerged', refusal: undefined });
  expect(
    engine.swim
      .members()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['b', 'e', 'self']);
  expect(engine.swim.refusals).toEqual({ versions: 2 });
});

test('M3: a delayed alive of an older address does not bring back a member that left', () => {
  const engine = quietEngineWith(['b']);
  engine.hear(aliveOf('b', 2, { incarnation: 5 }));
  engine.hear(deadOf('b', 5, 'b'));

  engine.hear(aliveOf('b', 9, { incarnation: 4 }));
  expect(engine.swim.member('b')).toMatchObject({ state: 'left', incarnation: 5 });

  engine.hear(aliveOf('b', 9, { incarnation: 6 }));
  expect(engine.swim.member('b')).toMatchObject({ state: 'alive', endpoint: endpoint(9) });
});

test('M4: the 4-byte and the 16-byte form of an address are no conflict, and are sent on as they came', () => {
  const engine = quietEngineWith(['b']);

  const outputs = engine.hear(aliveOf('b', 2, { address: mappedAddress(2), incarnation: 2 }));

  expect(noticesIn(outputs)).toEqual([]);
  const gossiped = drainGossip(engine).filter(
    (message) => 'node' in message && message.node === 'b',
  );
  expect(gossiped).toEqual([aliveOf('b', 2, { address: mappedAddress(2), incarnation: 2 })]);
});

test('M5: a rival for this node’s own name is made known, and not refuted', () => {
  const engine = quietEngineWith(['b']);

  const outputs = engine.hear(aliveOf('self', 7, { incarnation: 9 }));

  expect(noticesIn(outputs)).toMatchObject([
    { type: 'conflict', existing: { name: 'self' }, other: { address: address(7) } },
  ]);
  expect(engine.swim.local.incarnation).toBe(1);
});

test('M6: a failed member may come back elsewhere at once only with a reclaim time', () => {
  const dead = (deadNodeReclaimMs: number) => {
    const engine = quietEngineWith(['b', 'c'], { deadNodeReclaimMs });
    engine.hear(deadOf('b', 1, 'c'));
    engine.nowMs = 1_000;
    return noticesIn(engine.hear(aliveOf('b', 9, { incarnation: 2 })))[0]?.type;
  };

  expect([dead(0), dead(500)]).toEqual(['conflict', 'joined']);
});

test('M7: a refutation replaces what is queued about this node', () => {
  const engine = quietEngineWith(['b']);
  engine.hear(suspectOf('self', 1, 'b'));
  engine.hear(suspectOf('self', 2, 'b'));

  const own = drainGossip(engine).filter((message) => 'node' in message && message.node === 'self');
  expect(own).toEqual([aliveOf('self', 1, { incarnation: 3 })]);
});

describe('M8: the highest incarnation', () => {
  test.each([suspectOf('self', highest, 'b'), deadOf('self', highest, 'b')])(
    'in an accusation is invalid: %j',
    (accusation) => {
      const engine = quietEngineWith(['b']);

      engine.hear(accusation);

      expect(engine.swim.local).toMatchObject({ state: 'alive', incarnation: 1 });
      expect(engine.swim.refusals).toEqual({ incarnation: 1 });
    },
  );

  test('about others is not sent on', () => {
    const engine = quietEngineWith(['b']);

    engine.hear(aliveOf('b', 2, { incarnation: highest }));
    engine.hear(suspectOf('b', highest, 'x'));

    expect(engine.swim.member('b')).toMatchObject({ state: 'alive', incarnation: 1 });
  });

  test('is never reached by refuting, and the counter never wraps', () => {
    const engine = quietEngineWith(['b']);

    engine.hear(suspectOf('self', highest - 2, 'b'));
    expect(engine.swim.local.incarnation).toBe(highest - 1);
    engine.hear(suspectOf('self', highest - 1, 'b'));
    expect(engine.swim.local.incarnation).toBe(highest - 1);
  });
});

test('M9: a restarted node that is held dead at a high incarnation is told so, and comes back', () => {
  const engine = quietEngineWith(['b', 'c']);
  engine.hear(deadOf('b', 300, 'c'));
  const restarted = new Engine({ name: 'b', address: address(2) });
  restarted.feed({ type: 'start' });

  const [answer] = packetsIn(engine.hear(aliveOf('b', 2)));
  const [accusation] = answer?.messages ?? [];
  if (accusation === undefined) throw new Error('not told');
  restarted.hear(accusation);
  const [refutation] = drainGossip(restarted);
  if (refutation === undefined) throw new Error('not refuted');
  engine.hear(refutation);

  expect(engine.swim.member('b')).toMatchObject({ state: 'alive', incarnation: 301 });
});

test.each(Object.entries(profiles))(
  'M10: in the %s profile a nack leaves well before the prober stops listening',
  (_, profile) => {
    const engine = engineWith(['b', 'c'], {
      ...profile,
      gossipIntervalMs: 0,
      pushPullIntervalMs: 0,
    });
    engine.hear({
      type: 'indirectPing',
      sequence: 1,
      target: address(3),
      port: 7946,
      node: 'c',
      nack: true,
      sourceAddress: address(2),
      sourcePort: 7946,
      sourceNode: 'b',
    });

    const alarm = engine.alarms.find(({ timer }) => timer.type === 'relayNack');
    const restMs = profile.probeIntervalMs - profile.probeTimeoutMs;
    expect(alarm?.atMs).toBeLessThanOrEqual(0.8 * restMs);
  },
);

test('M11: a probe timeout as long as the interval is refused', () => {
  const problem = swimOptionsProblem(optionsOf({ probeTimeoutMs: 1_000, probeIntervalMs: 1_000 }));

  expect(problem).toContain('probeTimeoutMs (1000) must be shorter than probeIntervalMs (1000)');
});

test.each([1, 2, 3, 4, 5])('M12: of two nodes each is probed every interval (seed %i)', (seed) => {
  const engine = engineWith(
    ['b'],
    { gossipIntervalMs: 0, pushPullIntervalMs: 0 },
    {},
    seeded(seed),
  );
  let probes = 0;
  for (let tick = 0; tick < 20; tick += 1) {
    const nextMs = Math.min(
      ...engine.alarms.flatMap(({ timer, atMs }) => (timer.type === 'probeTick' ? atMs : [])),
    );
    for (const { probe } of packetsIn(engine.runUntil(nextMs))) {
      if (probe === undefined) continue;
      probes += 1;
      engine.hear({ type: 'ack', sequence: probe, payload: undefined });
    }
  }

  expect(probes).toBe(20);
});

test('M13: nodes that start together don’t tick together', () => {
  const ticks = Array.from({ length: 8 }, (_, seed) => {
    const engine = engineWith([], {}, {}, seeded(seed));
    engine.runUntil(10_000);
    const tick = engine.alarms.find(({ timer }) => timer.type === 'probeTick');
    return Math.round((tick?.atMs ?? 0) % 1_000);
  });

  expect(new Set(ticks).size).toBe(8);
});

test('M14: nothing is taken before this node has registered itself', () => {
  const engine = new Engine();

  expect(() => engine.hear(aliveOf('self', 1, { versions: noVersions }))).toThrow('before "start"');
  engine.feed({ type: 'start' });
  expect(engine.swim.local.versions).toEqual(versions);
});

test('M15: exchanges with several who hold a member as dead are one suspicion, which it can refute', () => {
  const engine = quietEngineWith(['b', 'c', 'd']);
  const state = { join: false, nodes: [nodeOf('b', 2, { state: 'dead' })], userState: noBytes };
  for (const exchange of [1, 2, 3]) {
    engine.feed({ type: 'pushPullAnswer', exchange, join: false, state });
  }

  expect(engine.alarms.filter(({ timer }) => timer.type === 'suspicion')).toMatchObject([
    { atMs: 24_000 },
  ]);
  engine.hear(aliveOf('b', 2, { incarnation: 2 }));
  expect(engine.swim.member('b')?.state).toBe('alive');
});

test('M16: versions of the dead and the left don’t block a push/pull', () => {
  const engine = quietEngineWith(['b']);
  const old = { ...versions, protocolMin: 9, protocolMax: 9, protocolCurrent: 9 };
  const nodes = [
    nodeOf('c', 3, { state: 'dead', versions: old }),
    nodeOf('d', 4, { state: 'left', versions: old }),
  ];
  const state = { join: true, nodes, userState: noBytes };

  const outputs = engine.feed({ type: 'pushPullAnswer', exchange: 1, join: true, state });

  expect(outputs.at(-1)).toMatchObject({ refusal: undefined });
});

test('M17: after it left, this node keeps its own entry', () => {
  const engine = quietEngineWith(['b']);
  engine.feed({ type: 'leave', token: 1, timeoutMs: 0 });

  engine.runUntil(200_000);

  expect(engine.swim.local.state).toBe('left');
  expect(engine.swim.member('self')).toBe(engine.swim.local);
});

test('M18: messages of the layer above are handed on in the order in which they came', () => {
  const engine = quietEngineWith([]);
  const bodies = ['1', '2', '3'].map(bytes);

  const handed = bodies.flatMap((body) => engine.hear({ type: 'user', body }));

  expect(handed).toMatchObject(bodies.map((body) => ({ type: 'userMessage', body })));
});

test('M19: an ack that is there before the relay’s timer is passed on', () => {
  const engine = quietEngineWith(['b', 'c']);
  const outputs = engine.hear({
    ...ping,
    type: 'indirectPing',
    sequence: 5,
    target: address(3),
    port: 7946,
    node: 'c',
    nack: true,
  });
  const [relayed] = packetsIn(outputs)[0]?.messages ?? [];
  if (relayed?.type !== 'ping') throw new Error('not relayed');

  const acked = engine.hear({ type: 'ack', sequence: relayed.sequence, payload: undefined });

  expect(packetsIn(acked)[0]?.messages[0]).toMatchObject({ type: 'ack', sequence: 5 });
});

test('M20: the queue is capped and counts, and takes nothing that can never be sent', () => {
  const engine = quietEngineWith([], { broadcastQueueLimit: 10, packetBudgetBytes: 400 });
  for (let last = 2; last < 102; last += 1) engine.hear(aliveOf(`node-${last}`, last));
  engine.hear(aliveOf('large', 200, { meta: new Uint8Array(500) }));

  expect(engine.swim.queuedBroadcasts).toBe(10);
  expect(engine.swim.droppedBroadcasts).toBe(91);
  expect(engine.swim.refusals).toEqual({ tooLong: 1 });
});

test('M21: a wait whose announcement was replaced is told so', () => {
  const engine = quietEngineWith(['b']);
  engine.feed({ type: 'updateMeta', token: 7, timeoutMs: 0 });

  const outputs = engine.hear(suspectOf('self', 2, 'b'));

  expect(noticesIn(outputs)).toEqual([
    { type: 'broadcastFinished', token: 7, outcome: 'replaced' },
  ]);
});

test('M22: sequence numbers start anywhere', () => {
  const firsts = Array.from({ length: 20 }, (_, seed) => {
    const engine = engineWith(['b'], {}, {}, seeded(seed));
    const outputs = engine.feed({ type: 'ping', token: 1, node: 'b', to: endpoint(2) });
    const [message] = packetsIn(outputs)[0]?.messages ?? [];
    return message?.type === 'ping' ? message.sequence : 0;
  });

  expect(new Set(firsts).size).toBe(20);
  expect(firsts.some((first) => first > 2 ** 31)).toBe(true);
});

test('M23: a round trip is measured up to the time at which the ack was received', () => {
  const engine = quietEngineWith(['b']);
  const outputs = engine.feed({ type: 'ping', token: 1, node: 'b', to: endpoint(2) });
  const [message] = packetsIn(outputs)[0]?.messages ?? [];
  if (message?.type !== 'ping') throw new Error('no ping');
  engine.nowMs = 3.25;

  expect(engine.hear({ type: 'ack', sequence: message.sequence, payload: undefined })).toEqual([
    { type: 'pingResult', token: 1, rttMs: 3.25 },
  ]);
});

describe('M24: with a list of networks', () => {
  const engine = () => quietEngineWith([], { allowedNetworks: ['10.0.0.0/24'] });
  const outside = Uint8Array.of(192, 0, 2, 7);

  test('an alive from outside, or about an address outside, is refused', () => {
    const one = engine();
    one.hear(aliveOf('b', 2), { host: '192.0.2.7', port: 7946 });
    one.hear(aliveOf('c', 3, { address: outside }));
    one.hear(aliveOf('d', 4));

    expect(
      one.swim
        .members()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['d', 'self']);
    expect(one.swim.refusals).toEqual({ network: 2 });
  });

  test('a push/pull brings nobody from outside, nor moves a member there', () => {
    const one = engine();
    one.hear(aliveOf('b', 2));
    one.hear(deadOf('b', 1, 'b'));
    const nodes = [
      nodeOf('b', 2, { address: outside, incarnation: 5 }),
      nodeOf('c', 3, { address: outside }),
    ];
    const state = { join: true, nodes, userState: noBytes };

    one.feed({ type: 'pushPullAnswer', exchange: 1, join: true, state });

    expect(one.swim.member('b')).toMatchObject({ state: 'left', endpoint: endpoint(2) });
    expect(one.swim.member('c')).toBeUndefined();
    expect(one.swim.refusals).toEqual({ network: 2 });
  });
});

describe('M25: an alive that nobody could believe is refused and counted by reason', () => {
  const unbelievable: [string, string, Partial<Alive>][] = [
    ['name', 'no name', { node: '' }],
    ['name', 'a name of 513 bytes', { node: 'n'.repeat(513) }],
    ['name', 'a name with a control character', { node: 'a\u0000b' }],
    ['name', 'a name that is no text', { node: 'a\ud800' }],
    ['address', 'an address of 5 bytes', { address: new Uint8Array(5) }],
    ['address', 'an unspecified address', { address: new Uint8Array(16) }],
    ['port', 'port 0', { port: 0 }],
    ['versions', 'no versions', { versions: noVersions }],
    ['versions', 'an empty range', { versions: { ...versions, protocolMin: 6 } }],
    ['meta', 'metadata of 513 bytes', { meta: new Uint8Array(513) }],
    ['incarnation', 'incarnation 0', { incarnation: 0 }],
  ];

  test.each(unbelievable)('for its %s: %s', (reason, _, changes) => {
    const engine = quietEngineWith([]);

    const outputs = engine.hear(aliveOf('b', 2, changes));

    expect(codesIn(outputs)).toEqual(['refused']);
    expect(engine.swim.memberCount).toBe(1);
    expect(engine.swim.refusals).toEqual({ [reason]: 1 });
  });

  test.each(unbelievable)('in a push/pull for its %s: %s', (reason, _, changes) => {
    const engine = quietEngineWith([]);
    const { node: name = 'b', ...rest } = changes;
    const state = {
      join: true,
      nodes: [nodeOf(name, 2, rest), nodeOf('c', 3)],
      userState: noBytes,
    };

    engine.feed({ type: 'pushPullAnswer', exchange: 1, join: true, state });

    expect(
      engine.swim
        .allMembers()
        .map((member) => member.name)
        .sort(),
    ).toEqual(['c', 'self']);
    expect(engine.swim.refusals).toEqual({ [reason]: 1 });
  });

  test('a name of 512 bytes with TAB and LF is taken', () => {
    const engine = quietEngineWith([]);
    const node = `${'n'.repeat(508)}\t\nöö`.slice(0, 511);

    engine.hear(aliveOf(node, 2));

    expect(engine.swim.member(node)?.state).toBe('alive');
  });

  test('a flood of them is one line a second', () => {
    const engine = quietEngineWith([]);
    let lines = 0;
    for (let count = 0; count < 3_000; count += 1) {
      engine.nowMs = count;
      lines += engine.hear(aliveOf('b', 2, { port: 0 })).length;
    }

    expect(lines).toBe(3);
    expect(engine.swim.refusals).toEqual({ port: 3_000 });
  });
});

describe('what must never be sent', () => {
  test('01 §16.1: no part is empty, whatever the layer above gives', () => {
    const engine = quietEngineWith(['b'], {}, { broadcasts: () => [noBytes] });

    const outputs = engine.hear(ping);

    const parts = outputs.flatMap((output) => (output.type === 'packet' ? output.parts : []));
    expect(parts.every((part) => part.length > 0)).toBe(true);
  });

  test('01 §16.4 and §16.5: own alives have six versions and an incarnation above 0', () => {
    const engine = quietEngineWith([]);

    expect(drainGossip(engine)).toEqual([aliveOf('self', 1, { incarnation: 1 })]);
  });
});

describe('spec/01 §16', () => {
  const outside = Uint8Array.of(192, 0, 2, 1);

  test('W3: an ack is not reflected to an address outside of the allowed networks', () => {
    const engine = quietEngineWith([], { allowedNetworks: ['10.0.0.0/24'] });

    expect(packetsIn(engine.hear({ ...ping, sourceAddress: outside, sourcePort: 80 }))).toEqual([]);
  });

  test('W4: no ping is relayed to one', () => {
    const engine = quietEngineWith([], { allowedNetworks: ['10.0.0.0/24'] });
    const request = { ...ping, target: outside, port: 80, nack: true } as const;

    expect(packetsIn(engine.hear({ ...request, type: 'indirectPing' }))).toEqual([]);
  });

  test('W8: whoever accepts a push/pull that can’t be merged is told why', () => {
    const engine = quietEngineWith(['b'], {}, { mergeVerdict: () => 'another cluster' });
    const state = { join: true, nodes: [nodeOf('c', 3)], userState: noBytes };

    const outputs = engine.feed({ type: 'pushPullRequest', exchange: 1, state, from: endpoint(3) });

    expect(outputs.at(-1)).toMatchObject({ type: 'pushPullMerged', refusal: 'another cluster' });
  });

  test('W9: no packet has more than 255 parts', () => {
    const engine = quietEngineWith(
      [],
      { packetBudgetBytes: 9_000 },
      { broadcasts: () => Array.from({ length: 600 }, () => bytes('x')) },
    );

    const counts = engine
      .hear(ping)
      .flatMap((output) => (output.type === 'packet' ? output.parts.length : []));

    expect(counts).toEqual([255, 255, 92]);
  });

  test('W10: a part longer than 65,535 bytes is never put into a packet', () => {
    const broadcasts = () => [new Uint8Array(65_535)];
    const careless = quietEngineWith([], { packetBudgetBytes: 1_000_000 }, { broadcasts });

    expect(() => careless.hear(ping)).toThrow('more than fits');
  });
});
