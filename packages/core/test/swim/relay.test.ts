import { describe, expect, test } from 'vitest';
import { profiles } from '../../src/swim/options.js';
import type { IndirectPing } from '../../src/wire/messages.js';
import {
  address,
  aliveOf,
  type Engine,
  endpoint,
  noLoops,
  packetsIn,
  quietEngineWith,
} from './engine-under-test.js';

const request: IndirectPing = {
  type: 'indirectPing',
  sequence: 77,
  target: address(3),
  port: 7946,
  node: 'c',
  nack: true,
  sourceAddress: address(2),
  sourcePort: 7946,
  sourceNode: 'b',
};

/** An engine without loops and gossip that would ride along. */
function relayWith(options = {}, hooks = {}): Engine {
  const engine = quietEngineWith(['b', 'c'], { probeIntervalMs: 1_000, ...options }, hooks);
  const probe = { ...request, type: 'ping', node: '', sourceNode: '' } as const;
  while (engine.swim.queuedBroadcasts > 0) engine.hear(probe);
  return engine;
}

/** The relay's own number, from the ping that it sends. */
function relayed(engine: Engine, changes: Partial<IndirectPing> = {}): number {
  const [sent] = packetsIn(engine.hear({ ...request, ...changes }, endpoint(2)));
  const [ping] = sent?.messages ?? [];
  if (ping?.type !== 'ping') throw new Error('nothing was relayed');
  return ping.sequence;
}

describe('asked to ping somebody', () => {
  test('a node does so under its own number and source', () => {
    const engine = relayWith();

    const outputs = engine.hear(request, endpoint(2));

    const [sent] = packetsIn(outputs);
    expect(sent).toEqual({
      to: endpoint(3),
      checksum: true,
      probe: undefined,
      messages: [
        {
          type: 'ping',
          sequence: expect.any(Number),
          node: 'c',
          sourceAddress: address(1),
          sourcePort: 7946,
          sourceNode: 'self',
        },
      ],
    });
    expect(outputs.slice(1)).toMatchObject([
      { type: 'schedule', timer: { type: 'relayNack' }, atMs: 400 },
      { type: 'schedule', timer: { type: 'relayDeadline' }, atMs: 500 },
    ]);
  });

  test('it passes the ack on, without the payload, under the requester’s number', () => {
    const engine = relayWith();
    const sequence = relayed(engine);

    const outputs = engine.hear({ type: 'ack', sequence, payload: Uint8Array.of(1) });

    expect(packetsIn(outputs)).toMatchObject([
      { to: endpoint(2), messages: [{ type: 'ack', sequence: 77, payload: undefined }] },
    ]);
    expect(packetsIn(engine.hear({ type: 'ack', sequence, payload: undefined }))).toEqual([]);
  });

  test('it says when there was no answer, and still passes on a late one', () => {
    const engine = relayWith();
    const sequence = relayed(engine);

    engine.nowMs = 400;
    const nack = engine.feed({ type: 'timer', timer: { type: 'relayNack', sequence } });
    engine.nowMs = 450;
    const ack = engine.hear({ type: 'ack', sequence, payload: undefined });

    expect(packetsIn(nack)).toMatchObject([
      { to: endpoint(2), messages: [{ type: 'nack', sequence: 77 }] },
    ]);
    expect(packetsIn(ack)).toMatchObject([{ messages: [{ type: 'ack', sequence: 77 }] }]);
  });

  test('it forgets the request after the probe timeout', () => {
    const engine = relayWith();
    const sequence = relayed(engine, { nack: false });

    engine.nowMs = 500;
    expect(engine.feed({ type: 'timer', timer: { type: 'relayDeadline', sequence } })).toEqual([]);

    expect(engine.hear({ type: 'ack', sequence, payload: undefined })).toEqual([]);
  });

  test('it says nothing of silence to one who did not ask for that', () => {
    const engine = relayWith();
    relayed(engine, { nack: false });

    expect(engine.alarms.map(({ timer }) => timer.type)).not.toContain('relayNack');
  });

  test('it answers to the packet’s source when the request names none', () => {
    const engine = relayWith();
    const sequence = relayed(engine, { sourceAddress: undefined, sourcePort: 0 });

    const outputs = engine.hear({ type: 'ack', sequence, payload: undefined });

    expect(packetsIn(outputs)[0]?.to).toEqual(endpoint(2));
  });

  test('it takes its own port for a target without one', () => {
    const engine = relayWith();

    expect(packetsIn(engine.hear({ ...request, port: 0 }))[0]?.to).toEqual(endpoint(3));
  });
});

test.each([
  ['lan', 400],
  ['wan', 1_600],
  ['local', 200],
] as const)('in the %s profile the nack comes after %i ms', (profile, atMs) => {
  const engine = relayWith({ ...profiles[profile], ...noLoops });
  relayed(engine);

  const alarm = engine.alarms.find(({ timer }) => timer.type === 'relayNack');
  expect(alarm?.atMs).toBeCloseTo(atMs, 6);
});

test('a nack that falls due together with the deadline is not lost', () => {
  const engine = relayWith({ ...profiles.local, ...noLoops });
  const sequence = relayed(engine);
  engine.nowMs = 200;

  const outputs = engine.feed({ type: 'timer', timer: { type: 'relayDeadline', sequence } });

  expect(packetsIn(outputs)).toMatchObject([{ messages: [{ type: 'nack', sequence: 77 }] }]);
  expect(engine.feed({ type: 'timer', timer: { type: 'relayNack', sequence } })).toEqual([]);
});

test('more requests than the table holds are refused and counted', () => {
  const engine = relayWith();
  for (let count = 0; count < 4_100; count += 1) engine.hear(request, endpoint(2));

  expect(engine.swim.refusals).toEqual({ relayLimit: 4 });
});

describe('with a list of allowed networks', () => {
  const options = { allowedNetworks: ['10.0.0.0/24'] };

  test('nothing is sent to a target or a requester outside', () => {
    const engine = relayWith(options);
    const outside = Uint8Array.of(192, 0, 2, 1);

    expect(packetsIn(engine.hear({ ...request, target: outside }))).toEqual([]);
    expect(packetsIn(engine.hear({ ...request, sourceAddress: outside }))).toEqual([]);
    expect(engine.swim.refusals).toEqual({ network: 2 });
  });
});

test.each([new Uint8Array(5), new Uint8Array(4)])('a target of %j is refused', (target) => {
  const engine = relayWith();
  engine.hear(aliveOf('d', 4));

  expect(packetsIn(engine.hear({ ...request, target }))).toEqual([]);
  expect(engine.swim.refusals).toEqual({ address: 1 });
});
