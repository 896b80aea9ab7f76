import { describe, expect, test } from 'vitest';
import type { Ping } from '../../src/wire/messages.js';
import {
  address,
  aliveOf,
  codesIn,
  deadOf,
  type Engine,
  endpoint,
  engineWith,
  noLoops,
  noticesIn,
  packetsIn,
  quietEngineWith,
  seeded,
  suspectOf,
  versions,
} from './engine-under-test.js';

/** Lets time pass until the next probe, and returns its ping and where it went. */
function nextPing(engine: Engine): { ping: Ping; to: unknown; untilMs: number } {
  for (let guard = 0; guard < 100; guard += 1) {
    const nextMs = Math.min(...engine.alarms.map(({ atMs }) => atMs));
    const sent = packetsIn(engine.runUntil(nextMs)).find(({ probe }) => probe !== undefined);
    const [ping] = sent?.messages ?? [];
    if (ping?.type === 'ping') return { ping, to: sent?.to, untilMs: nextMs };
  }
  throw new Error('no probe was sent');
}

/** Answers all that is gossiped first, so that later packets carry nothing beside. */
function withoutGossip(engine: Engine): Engine {
  const ping = {
    type: 'ping',
    sequence: 1,
    node: '',
    sourceAddress: undefined,
    sourcePort: 0,
    sourceNode: '',
  } as const;
  while (engine.swim.queuedBroadcasts > 0) engine.hear(ping);
  return engine;
}

const ack = (sequence: number, payload?: Uint8Array) =>
  ({ type: 'ack', sequence, payload }) as const;

describe('a probe', () => {
  test('pings a member under a fresh number with its own source in it', () => {
    const engine = withoutGossip(quietEngineWith(['b'], {}, {}));

    const { ping, to } = nextPing(engine);

    expect(to).toEqual(endpoint(2));
    expect(ping).toEqual({
      type: 'ping',
      sequence: ping.sequence,
      node: 'b',
      sourceAddress: address(1),
      sourcePort: 7946,
      sourceNode: 'self',
    });
  });

  test('that is acked in time tells the round trip and makes this node healthier', () => {
    const engine = withoutGossip(quietEngineWith(['b']));
    engine.hear(suspectOf('self', 1, 'b'));
    const { ping, untilMs } = nextPing(engine);
    engine.nowMs = untilMs + 12.5;
    const payload = Uint8Array.of(1, 2);

    const outputs = engine.hear(ack(ping.sequence, payload));

    expect(outputs).toEqual([
      { type: 'pingComplete', member: engine.swim.member('b'), rttMs: 12.5, payload },
    ]);
    expect(engine.swim.healthScore).toBe(0);
  });

  test('takes one ack only, and none for a number that it did not use', () => {
    const engine = quietEngineWith(['b']);
    const { ping } = nextPing(engine);

    expect(noticesIn(engine.hear(ack(ping.sequence + 1)))).toEqual([]);
    expect(noticesIn(engine.hear(ack(ping.sequence)))).toHaveLength(1);
    expect(noticesIn(engine.hear(ack(ping.sequence)))).toEqual([]);
  });

  test('of a suspect brings the accusation along and no gossip', () => {
    const engine = quietEngineWith(['b', 'c'], { suspicionMult: 100 });
    engine.hear(suspectOf('b', 1, 'c'));
    engine.hear(deadOf('c', 1, 'c'));

    const { ping, untilMs } = nextPing(engine);
    engine.nowMs = untilMs;

    expect(ping.node).toBe('b');
    const again = quietEngineWith(['b', 'c'], { suspicionMult: 100 });
    again.hear(suspectOf('b', 1, 'c'));
    again.hear(deadOf('c', 1, 'c'));
    const sent = packetsIn(again.runUntil(untilMs));
    expect(sent).toMatchObject([
      { to: endpoint(2), messages: [{ type: 'ping' }, suspectOf('b', 1, 'self')], checksum: true },
    ]);
  });

  test('never goes to this node, the dead or those who left', () => {
    const engine = quietEngineWith(['b', 'c', 'd']);
    engine.hear(deadOf('b', 1, 'd'));
    engine.hear(deadOf('c', 1, 'c'));

    const probed = new Set(
      packetsIn(engine.runUntil(20_000))
        .filter(({ probe }) => probe !== undefined)
        .map(({ to }) => to.host),
    );

    expect([...probed]).toEqual(['10.0.0.4']);
  });
});

describe('when the target stays silent', () => {
  const silent = () => {
    const engine = withoutGossip(quietEngineWith(['b', 'c', 'd', 'e', 'f']));
    const { ping, untilMs } = nextPing(engine);
    const outputs = engine.runUntil(untilMs + 500);
    return { engine, ping, sentMs: untilMs, outputs };
  };

  test('three others are asked, and a stream is tried', () => {
    const { engine, ping, sentMs, outputs } = silent();
    const target = engine.swim.member(ping.node);

    const requests = packetsIn(outputs);
    expect(requests).toHaveLength(3);
    for (const { messages, to } of requests) {
      expect(to).not.toEqual(target?.endpoint);
      expect(messages).toEqual([
        {
          type: 'indirectPing',
          sequence: ping.sequence,
          target: target?.address,
          port: 7946,
          node: ping.node,
          nack: true,
          sourceAddress: address(1),
          sourcePort: 7946,
          sourceNode: 'self',
        },
      ]);
    }
    expect(outputs).toContainEqual({
      type: 'streamProbe',
      to: target?.endpoint,
      ping,
      deadlineMs: sentMs + 1_000,
    });
  });

  test('an ack through a helper ends the round without a round trip', () => {
    const { engine, ping } = silent();

    expect(engine.hear(ack(ping.sequence))).toEqual([]);
    expect(engine.runUntil(engine.nowMs + 500)).not.toContainEqual(
      expect.objectContaining({ code: 'suspecting' }),
    );
  });

  test('a contact by stream saves it, and is reported at the deadline', () => {
    const { engine, ping, sentMs } = silent();
    const early = engine.feed({
      type: 'streamProbeResult',
      sequence: ping.sequence,
      contact: true,
    });

    expect(early).toEqual([]);
    expect(codesIn(engine.runUntil(sentMs + 1_000))).toContain('streamProbeOnly');
    expect(engine.swim.member(ping.node)?.state).toBe('alive');
  });

  test('it is suspected at the deadline, and missing nacks count against this node', () => {
    const { engine, ping, sentMs } = silent();

    const outputs = engine.runUntil(sentMs + 1_000);

    expect(codesIn(outputs)).toContain('suspecting');
    expect(engine.swim.member(ping.node)?.state).toBe('suspect');
    expect(engine.swim.healthScore).toBe(3);
  });

  test.each([
    [1, 2],
    [2, 1],
    [3, 0],
    [5, 0],
  ])('%i nacks of 3 leave a score of %i', (nacks, score) => {
    const { engine, ping, sentMs } = silent();
    for (let count = 0; count < nacks; count += 1) {
      engine.hear({ type: 'nack', sequence: ping.sequence });
    }

    engine.runUntil(sentMs + 1_000);

    expect(engine.swim.healthScore).toBe(score);
    expect(engine.swim.member(ping.node)?.state).toBe('suspect');
  });

  test('the next round starts in the same step, as its tick has passed', () => {
    const { engine, sentMs } = silent();

    const sent = packetsIn(engine.runUntil(sentMs + 1_000));

    expect(sent.filter(({ probe }) => probe !== undefined)).toHaveLength(1);
  });

  test('an unhealthy node waits longer', () => {
    const engine = withoutGossip(quietEngineWith(['b']));
    engine.hear(suspectOf('self', 1, 'b'));
    const { untilMs } = nextPing(engine);

    expect(codesIn(engine.runUntil(untilMs + 1_999))).not.toContain('suspecting');
    expect(codesIn(engine.runUntil(untilMs + 2_000))).toContain('suspecting');
  });
});

describe('who helps', () => {
  test('no stream is tried where it is disabled or not understood', () => {
    const disabled = quietEngineWith(['b'], { disableStreamProbes: true });
    const old = quietEngineWith([]);
    old.hear(aliveOf('b', 2, { versions: { ...versions, protocolMax: 2 } }));

    for (const engine of [disabled, old]) {
      const types = engine.runUntil(3_000).map(({ type }) => type);
      expect(types).not.toContain('streamProbe');
    }
  });

  test('a helper too old for nacks isn’t asked for one, and its silence costs one point', () => {
    const engine = quietEngineWith(['b']);
    engine.hear(aliveOf('c', 3, { versions: { ...versions, protocolMax: 3 } }));
    engine.hear(deadOf('b', 1, 'c'));
    engine.hear(aliveOf('b', 2, { incarnation: 2 }));
    let { ping, untilMs } = nextPing(engine);
    while (ping.node !== 'b') {
      engine.hear(ack(ping.sequence));
      ({ ping, untilMs } = nextPing(engine));
    }

    const requests = packetsIn(engine.runUntil(untilMs + 500));
    expect(requests[0]?.messages[0]).toMatchObject({ type: 'indirectPing', nack: false });

    engine.runUntil(untilMs + 1_000);
    expect(engine.swim.healthScore).toBe(1);
  });
});

describe('a send that fails at once', () => {
  test('asks the helpers without waiting, and a rescue says nothing about health', () => {
    const engine = withoutGossip(quietEngineWith(['b', 'c']));
    engine.hear(suspectOf('self', 1, 'b'));
    withoutGossip(engine);
    const { ping } = nextPing(engine);

    const outputs = engine.feed({ type: 'sendFailed', sequence: ping.sequence });

    expect(packetsIn(outputs)[0]?.messages[0]?.type).toBe('indirectPing');
    engine.hear(ack(ping.sequence));
    expect(engine.swim.healthScore).toBe(1);
  });
});

describe('the loop', () => {
  test('probes each of many members once per cycle', () => {
    const names = Array.from({ length: 9 }, (_, index) => `node-${index}`);
    const engine = quietEngineWith(names);
    const probed: string[] = [];
    for (let round = 0; round < 18; round += 1) {
      const { ping } = nextPing(engine);
      probed.push(ping.node);
      engine.hear(ack(ping.sequence));
    }

    // The first cycle begins in the middle of an order that grew while it stood still.
    expect(new Set(probed.slice(0, 9)).size).toBe(9);
    expect(new Set(probed.slice(9)).size).toBe(9);
  });

  test('begins at a random point of the interval', () => {
    const starts = new Set<number>();
    for (let seed = 0; seed < 20; seed += 1) {
      const engine = engineWith([], noLoops, {}, seeded(seed));
      const tick = engine.alarms.find(({ timer }) => timer.type === 'probeTick');
      starts.add(Math.floor((tick?.atMs ?? 0) / 250));
    }

    expect([...starts].sort()).toEqual([0, 1, 2, 3]);
  });

  test('stays on its grid, also when a tick was late', () => {
    const engine = quietEngineWith([]);
    const firstMs = engine.alarms[0]?.atMs ?? 0;
    engine.nowMs = firstMs + 2_300;

    const outputs = engine.feed({ type: 'timer', timer: { type: 'probeTick' } });

    expect(outputs).toContainEqual({
      type: 'schedule',
      timer: { type: 'probeTick' },
      atMs: firstMs + 3_000,
    });
  });

  test('does not run with an interval of 0', () => {
    expect(quietEngineWith(['b'], { probeIntervalMs: 0 }).alarms).toEqual([]);
  });
});

describe('forgetting', () => {
  const names = (engine: Engine) =>
    engine.swim
      .allMembers()
      .map(({ name }) => name)
      .sort();

  test('the dead and the left go when a cycle begins after their time', () => {
    const engine = quietEngineWith(['b', 'c', 'd']);
    engine.hear(deadOf('b', 1, 'c'));
    engine.hear(deadOf('c', 1, 'c'));

    for (let round = 0; round < 28; round += 1) {
      engine.hear(ack(nextPing(engine).ping.sequence));
    }
    expect(names(engine)).toEqual(['b', 'c', 'd', 'self']);

    for (let round = 0; round < 8; round += 1) {
      engine.hear(ack(nextPing(engine).ping.sequence));
    }
    expect(names(engine)).toEqual(['d', 'self']);
  });

  test('a name that was forgotten is new again, at any address and incarnation', () => {
    const engine = quietEngineWith(['b', 'c']);
    engine.hear(deadOf('b', 40, 'c'));
    while (engine.swim.member('b') !== undefined) {
      engine.hear(ack(nextPing(engine).ping.sequence));
    }

    expect(noticesIn(engine.hear(aliveOf('b', 9)))[0]?.type).toBe('joined');
  });
});
