import { describe, expect, test } from 'vitest';
import type { Ping } from '../../src/wire/messages.js';
import {
  address,
  aliveOf,
  bytes,
  codesIn,
  deadOf,
  type Engine,
  endpoint,
  mappedAddress,
  packetsIn,
  quietEngineWith,
  versions,
} from './engine-under-test.js';

const ping: Ping = {
  type: 'ping',
  sequence: 42,
  node: 'self',
  sourceAddress: address(2),
  sourcePort: 7946,
  sourceNode: 'b',
};

function withoutGossip(engine: Engine): Engine {
  while (engine.swim.queuedBroadcasts > 0) engine.hear(ping);
  return engine;
}

describe('a ping', () => {
  test('is acked with the payload of the layer above', () => {
    const engine = withoutGossip(quietEngineWith(['b'], {}, { ackPayload: () => bytes('here') }));

    expect(packetsIn(engine.hear(ping))).toEqual([
      {
        to: endpoint(2),
        messages: [{ type: 'ack', sequence: 42, payload: bytes('here') }],
        checksum: true,
        probe: undefined,
      },
    ]);
  });

  test('for nobody in particular is acked too', () => {
    const engine = quietEngineWith(['b']);

    expect(packetsIn(engine.hear({ ...ping, node: '' }))).toHaveLength(1);
  });

  test.each([
    ['the source that it names', {}, endpoint(2)],
    ['that, when it is no member', { sourceAddress: address(77), sourceNode: 'x' }, endpoint(77)],
    ['that, in the other form', { sourceAddress: mappedAddress(2) }, endpoint(2)],
    ['where it came from without an address', { sourceAddress: undefined }, endpoint(50, 1234)],
    ['where it came from without a port', { sourcePort: 0 }, endpoint(50, 1234)],
  ])('is answered to %s', (_, changes, to) => {
    const engine = quietEngineWith(['b']);

    const outputs = engine.hear({ ...ping, ...changes }, endpoint(50, 1234));

    expect(packetsIn(outputs)[0]?.to).toEqual(to);
  });

  test('gets a checksum only if its sender is known to understand it', () => {
    const engine = quietEngineWith(['b']);
    engine.hear(aliveOf('old', 3, { versions: { ...versions, protocolMax: 4 } }));
    const checksumFor = (last: number, sourceNode: string) =>
      packetsIn(engine.hear({ ...ping, sourceAddress: address(last), sourceNode }))[0]?.checksum;

    expect(checksumFor(2, 'b')).toBe(true);
    expect(checksumFor(3, 'old')).toBe(false);
    expect(checksumFor(77, 'stranger')).toBe(false);
  });

  test('carries waiting gossip after the ack', () => {
    const engine = quietEngineWith(['b']);

    const [sent] = packetsIn(engine.hear(ping));

    expect(sent?.messages[0]?.type).toBe('ack');
    expect(sent?.messages.slice(1)).toContainEqual(aliveOf('b', 2));
  });

  test.each([new Uint8Array(5), new Uint8Array(4)])('from %j is dropped', (sourceAddress) => {
    const engine = quietEngineWith(['b']);

    expect(packetsIn(engine.hear({ ...ping, sourceAddress, sourceNode: '' }))).toEqual([]);
    expect(engine.swim.refusals).toEqual({ address: 1 });
  });

  test('from outside of the allowed networks is dropped', () => {
    const engine = quietEngineWith(['b'], { allowedNetworks: ['10.0.0.0/24'] });
    const sourceAddress = Uint8Array.of(192, 0, 2, 1);

    expect(packetsIn(engine.hear({ ...ping, sourceAddress }))).toEqual([]);
    expect(packetsIn(engine.hear(ping))).toHaveLength(1);
    expect(engine.swim.refusals).toEqual({ network: 1 });
  });
});

describe('a ping for somebody else', () => {
  test('is not answered, but counted, and reported once a second', () => {
    const engine = quietEngineWith(['b', 'c']);

    expect(engine.hear({ ...ping, node: 'c' })).toEqual([
      { type: 'report', code: 'wrongPing', wanted: 'c', from: 'b' },
    ]);
    expect(engine.hear({ ...ping, node: 'Self' })).toEqual([]);
    expect(engine.swim.refusals).toEqual({ wrongPing: 2 });
  });

  test('who is held to live at this very address: that one is suspected, no more', () => {
    const engine = quietEngineWith(['b']);
    engine.hear(aliveOf('before', 1));

    const outputs = engine.hear({ ...ping, node: 'before' });

    expect(codesIn(outputs)).toEqual(['wrongPing', 'suspecting']);
    expect(engine.swim.member('before')?.state).toBe('suspect');
  });

  test('who lives elsewhere, or on another port, or is dead already, is left alone', () => {
    const engine = quietEngineWith(['b']);
    engine.hear(aliveOf('neighbour', 1, { port: 7947 }));
    engine.hear(aliveOf('dead', 1, { port: 7946 }));
    engine.hear(deadOf('dead', 1, 'b'));

    for (const node of ['b', 'neighbour', 'dead', 'unknown']) engine.hear({ ...ping, node });

    const states = engine.swim.allMembers().map(({ name, state }) => `${name} ${state}`);
    expect(states.sort()).toEqual(['b alive', 'dead dead', 'neighbour alive', 'self alive']);
  });
});
