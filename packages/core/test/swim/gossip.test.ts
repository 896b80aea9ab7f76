import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SwimOutput } from '../../src/swim/output.js';
import {
  aliveOf,
  bytes,
  deadOf,
  endpoint,
  engineWith,
  packetsIn,
  seeded,
  versions,
} from './engine-under-test.js';

const gossipOnly = { probeIntervalMs: 0, pushPullIntervalMs: 0 } as const;

/** What packets cost on the wire, compound included. */
function packetBytes(output: SwimOutput): number {
  if (output.type !== 'packet') return 0;
  const lengths = output.parts.reduce((sum, part) => sum + part.length, 0);
  return output.parts.length === 1 ? lengths : 2 + lengths + 2 * output.parts.length;
}

describe('a gossip round', () => {
  test('goes to as many members as configured, each with what is queued', () => {
    const engine = engineWith(['b', 'c', 'd', 'e'], gossipOnly);

    const sent = packetsIn(engine.runUntil(200));

    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ to }) => to.host)).size).toBe(3);
    for (const { messages, checksum } of sent) {
      expect(messages).toContainEqual(aliveOf('c', 3));
      expect(checksum).toBe(true);
    }
  });

  test('stops when nothing is left, each message sent as often as its limit', () => {
    const engine = engineWith(['b'], gossipOnly);

    const sent = packetsIn(engine.runUntil(10_000));

    // Two members: each message leaves four times.
    expect(sent).toHaveLength(4);
    for (const { messages } of sent) expect(messages).toHaveLength(2);
    expect(engine.swim.queuedBroadcasts).toBe(0);
  });

  test('tells each member of a small cluster once, before it tells anybody twice', () => {
    const names = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    for (let seed = 0; seed < 20; seed += 1) {
      const engine = engineWith(names, gossipOnly, {}, seeded(seed));
      engine.runUntil(60_000);
      engine.hear(aliveOf('b', 2, { incarnation: 2, meta: bytes('new') }));

      const news = packetsIn(engine.runUntil(120_000)).map(({ to }) => to.host);

      expect(news).toHaveLength(names.length);
      expect(new Set(news).size).toBe(names.length);
    }
  });

  test('goes on as before when somebody who was told last is gone from the list', () => {
    const engine = engineWith(['b', 'c'], gossipOnly);
    engine.runUntil(10_000);
    engine.hear(deadOf('b', 1, 'b'));
    engine.runUntil(20_000);
    engine.hear(aliveOf('d', 4));

    const hosts = packetsIn(engine.runUntil(30_000)).map(({ to }) => to.host);

    expect(new Set(hosts)).toEqual(new Set(['10.0.0.3', '10.0.0.4']));
    expect(hosts).toHaveLength(4);
  });

  test('does not search a long list for the few who are dead', () => {
    let draws = 0;
    const random = seeded(1);
    const names = Array.from({ length: 200 }, (_, index) => `member-${index}`);
    const engine = engineWith(names, { ...gossipOnly, retransmitMult: 20 }, {}, () => {
      draws += 1;
      return random();
    });
    engine.hear(deadOf('member-7', 1, 'member-7'));
    draws = 0;

    // Fifty rounds, each to three who live.
    const sent = packetsIn(engine.runUntil(10_000));

    expect(sent).toHaveLength(150);
    expect(draws).toBeLessThan(500);
  });

  test('reaches the dead for a while, so that they can refute, and never those who left', () => {
    const engine = engineWith(['dead', 'left'], { ...gossipOnly, retransmitMult: 1_000 });
    engine.hear(deadOf('dead', 1, 'x'));
    engine.hear(deadOf('left', 1, 'left'));

    const hosts = (untilMs: number) =>
      new Set(packetsIn(engine.runUntil(untilMs)).map(({ to }) => to.host));

    expect([...hosts(30_000)]).toEqual(['10.0.0.2']);
    expect([...hosts(60_000)]).toEqual([]);
  });

  test('goes to the living first, and to one of the dead at most, however many these are', () => {
    const dead = Array.from({ length: 20 }, (_, index) => `dead-${index}`);
    const engine = engineWith(['b', 'c', 'd', 'e', ...dead], {
      ...gossipOnly,
      retransmitMult: 100,
    });
    for (const name of dead) engine.hear(deadOf(name, 1, 'x'));

    const sent = packetsIn(engine.runUntil(200));

    const living = new Set(['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5']);
    expect(sent.map(({ to }) => living.has(to.host))).toEqual([true, true, true, false]);
  });

  test('has no checksum for a member that would not understand it', () => {
    const engine = engineWith([], gossipOnly);
    engine.hear(aliveOf('old', 2, { versions: { ...versions, protocolMax: 4 } }));

    expect(packetsIn(engine.runUntil(200)).map(({ checksum }) => checksum)).toContain(false);
  });

  test('is on a grid with a random start', () => {
    const firstTicks = new Set<number>();
    for (let seed = 0; seed < 20; seed += 1) {
      const engine = engineWith([], gossipOnly, {}, seeded(seed));
      firstTicks.add(Math.floor((engine.alarms[0]?.atMs ?? 0) / 50));
    }

    expect([...firstTicks].sort()).toEqual([0, 1, 2, 3]);
  });

  test.each([{ gossipIntervalMs: 0 }, { gossipNodes: 0 }])('never comes with %j', (off) => {
    expect(engineWith(['b'], { ...gossipOnly, ...off }).alarms).toEqual([]);
  });
});

describe('alone', () => {
  test('a node sends nothing and counts nothing, until the first peer gets it all', () => {
    let asked = 0;
    const broadcasts = () => {
      asked += 1;
      return [];
    };
    const engine = engineWith([], gossipOnly, { broadcasts });

    expect(packetsIn(engine.runUntil(60_000))).toEqual([]);
    expect(asked).toBe(0);

    engine.hear(aliveOf('b', 2));
    const sent = packetsIn(engine.runUntil(70_000));
    expect(sent).toHaveLength(4);
    expect(sent[0]?.messages).toContainEqual(aliveOf('self', 1));
  });
});

describe('messages of the layer above', () => {
  test('come after the membership’s, marked with their type byte', () => {
    let queued = [bytes('event')];
    const broadcasts = () => queued.splice(0);
    const engine = engineWith(['b'], gossipOnly, { broadcasts });

    const [first] = packetsIn(engine.runUntil(200));
    queued = [bytes('later')];

    expect(first?.messages.at(-1)).toEqual({ type: 'user', body: bytes('event') });
    expect(first?.messages[0]?.type).toBe('alive');
  });

  test('are asked for with what room is left, and their byte in the overhead', () => {
    const asked: [number, number][] = [];
    const broadcasts = (overheadBytes: number, limitBytes: number) => {
      asked.push([overheadBytes, limitBytes]);
      return [];
    };
    const engine = engineWith(['b'], { ...gossipOnly, packetOverheadBytes: 29 }, { broadcasts });
    engine.runUntil(10_000);

    expect(asked[0]?.[0]).toBe(3);
    expect(asked.at(-1)).toEqual([3, 1_400 - 29 - 2]);
  });

  test('that are too many for one compound go in several packets', () => {
    let queued = Array.from({ length: 400 }, () => bytes('x'));
    const broadcasts = () => queued.splice(0);
    const engine = engineWith(['b'], { ...gossipOnly, packetBudgetBytes: 4_000 }, { broadcasts });

    const outputs = engine.runUntil(200);
    queued = [];

    const counts = outputs.flatMap((output) =>
      output.type === 'packet' ? output.parts.length : [],
    );
    expect(Math.max(...counts)).toBe(255);
    expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(402);
  });

  test('that exceed what was offered are a mistake of that layer, said at once', () => {
    const broadcasts = (_: number, limitBytes: number) => [new Uint8Array(limitBytes)];
    const engine = engineWith(['b'], gossipOnly, { broadcasts });

    expect(() => engine.runUntil(200)).toThrow('3 bytes over the limit');
  });
});

test('no packet of gossip or with piggyback exceeds its budget', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 300, max: 3_000 }),
      fc.integer({ min: 0, max: 60 }),
      fc.array(fc.integer({ min: 0, max: 250 }), { maxLength: 40 }),
      (packetBudgetBytes, packetOverheadBytes, metaLengths) => {
        const broadcasts = (overheadBytes: number, limitBytes: number) =>
          limitBytes < overheadBytes + 1 ? [] : [new Uint8Array(limitBytes - overheadBytes)];
        const engine = engineWith(
          [],
          { ...gossipOnly, packetBudgetBytes, packetOverheadBytes },
          { broadcasts },
        );
        metaLengths.forEach((length, index) => {
          engine.hear(aliveOf(`node-${index}`, index + 2, { meta: new Uint8Array(length) }));
        });
        const ping = {
          type: 'ping',
          sequence: 1,
          node: '',
          sourceAddress: undefined,
          sourcePort: 0,
          sourceNode: '',
        } as const;

        const outputs = [...engine.hear(ping, endpoint(3)), ...engine.runUntil(1_000)];

        for (const output of outputs) {
          expect(packetBytes(output)).toBeLessThanOrEqual(packetBudgetBytes - packetOverheadBytes);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('gossip of a hundred members leaves in packets that are well filled', () => {
  const names = Array.from({ length: 100 }, (_, index) => `member-${index}`);
  const engine = engineWith(names, gossipOnly);

  const [first] = engine.runUntil(200).filter(({ type }) => type === 'packet');

  expect(first && packetBytes(first)).toBeGreaterThan(1_250);
});
