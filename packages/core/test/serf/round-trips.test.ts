import { expect, test } from 'vitest';
import { origin } from '../../src/coordinates/coordinate.js';
import { distanceMs } from '../../src/coordinates/distance.js';
import { encodePingPayload } from '../../src/coordinates/ping-payload.js';
import { RoundTrips } from '../../src/serf/round-trips.js';
import { decodeMessage } from '../../src/wire/message-codec.js';
import { elsewhere, Network } from './nodes-under-test.js';

const ping = {
  type: 'ping',
  sequence: 9,
  node: 'alpha',
  sourceAddress: undefined,
  sourcePort: 0,
  sourceNode: 'omega',
} as const;

function ackPayload(changes: { readonly disableCoordinates?: boolean } = {}) {
  const alpha = new Network().start('alpha', changes);
  const outputs = alpha.feed({ type: 'message', message: ping, from: elsewhere, via: 'packet' });
  const [packet] = outputs.filter((output) => output.type === 'packet');
  const [ack] = packet?.parts ?? [];
  const message = ack && decodeMessage(ack);
  return message?.type === 'ack' ? message.payload : 'no ack';
}

test('an ack carries the coordinate of the node, the origin at first', () => {
  expect(ackPayload()).toEqual(encodePingPayload(origin));
});

test('nodes that probe each other learn where they are', () => {
  const network = new Network();
  const [alpha, beta] = network.cluster('alpha', 'beta', 'gamma');
  network.runFor(120_000);

  const own = alpha?.node.coordinate('alpha');
  const other = alpha?.node.coordinate('beta');
  if (own === undefined || other === undefined) throw new Error('a coordinate is missing');
  expect(own).not.toEqual(origin);
  // Packets take a millisecond each way.
  expect(distanceMs(own, other)).toBeGreaterThan(1);
  expect(distanceMs(own, other)).toBeLessThan(3);
  expect(beta?.node.coordinate('nobody')).toBeUndefined();
  expect(alpha?.node.stats()['coordinate_resets']).toBe('0');
});

test('a coordinate is kept for a failed member, and forgotten with the member', () => {
  const network = new Network();
  const alpha = network.start('alpha', { reconnectTimeoutMs: 60_000 });
  const beta = network.start('beta');
  network.join(beta, alpha);
  network.runFor(10_000);
  beta.isUp = false;
  network.runFor(20_000);

  expect(alpha.statuses()).toEqual(['alpha alive', 'beta failed']);
  expect(alpha.node.coordinate('beta')).toBeDefined();

  network.runFor(120_000);

  expect(alpha.statuses()).toEqual(['alpha alive']);
  expect(alpha.node.coordinate('beta')).toBeUndefined();
});

test('without coordinates a node tells none, learns none, and has no count of resets', () => {
  const network = new Network();
  const alpha = network.start('alpha', { disableCoordinates: true });
  const beta = network.start('beta');
  network.join(beta, alpha);
  network.runFor(60_000);

  expect(ackPayload({ disableCoordinates: true })).toBeUndefined();
  expect(alpha.node.coordinate('alpha')).toBeUndefined();
  expect(alpha.node.coordinate('beta')).toBeUndefined();
  expect(beta.node.coordinate('alpha')).toBeUndefined();
  expect(alpha.node.stats()).not.toHaveProperty('coordinate_resets');
});

test.each([
  ['that cannot be', encodePingPayload({ ...origin, error: -1 })],
  ['that cannot be read', Uint8Array.of(1, 0x90)],
])('a coordinate %s is reported and counted', (_, payload) => {
  const network = new Network();
  const alpha = network.start('alpha');
  const reports: unknown[] = [];
  const options = { self: 'alpha', disableCoordinates: false };
  const roundTrips = new RoundTrips(
    options,
    () => 0.5,
    (output) => reports.push(output),
    () => {},
  );
  const member = alpha.node.membership.allMembers()[0];
  if (member === undefined) throw new Error('a node without itself');

  roundTrips.heard({
    type: 'pingComplete',
    member: { ...member, name: 'beta' },
    rttMs: 1,
    payload,
  });

  expect(reports).toEqual([expect.objectContaining({ code: 'coordinateRejected', node: 'beta' })]);
  expect(roundTrips.counters).toEqual({ resets: 0, rejected: 1, zeroRtts: 0 });
  expect(roundTrips.coordinate('beta')).toBeUndefined();
});
