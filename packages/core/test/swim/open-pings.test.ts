import { expect, test } from 'vitest';
import { OpenPings } from '../../src/swim/open-pings.js';
import { endpoint } from './engine-under-test.js';

const relay = (requesterSequence: number) =>
  ({ type: 'relay', requester: endpoint(2), requesterSequence, nackIsDue: false }) as const;

test('sequence numbers follow each other and wrap to 0', () => {
  const pings = new OpenPings(() => 1 - 2 ** -32);

  expect([pings.open({ type: 'probe' }), pings.open({ type: 'probe' })]).toEqual([0, 1]);
});

test('a closed ping is gone, and closing it again is harmless', () => {
  const pings = new OpenPings(() => 0);
  const sequence = pings.open({ type: 'probe' });

  pings.close(sequence);
  pings.close(sequence);

  expect(pings.get(sequence)).toBeUndefined();
  expect(pings.size).toBe(0);
});

test('relays have a limit of their own', () => {
  const pings = new OpenPings(() => 0);
  while (pings.hasRoomFor('relay')) pings.open(relay(pings.size));

  expect(pings.size).toBe(4_096);
  expect(pings.hasRoomFor('onDemand')).toBe(true);
  pings.close(1);
  expect(pings.hasRoomFor('relay')).toBe(true);
});
