import { profiles } from '@tserf/core/pure';
import { expect, test } from 'vitest';
import type { Host } from '../src/host.js';
import { calmNetwork, Network, partition } from '../src/network.js';
import { RandomSource } from '../src/random-source.js';
import { Streams } from '../src/streams.js';
import { VirtualTime } from '../src/virtual-time.js';

const address = { host: '10.0.0.2', port: 7946 };

/** Two hosts of which only what streams look at is there; the first dials the second for a push/pull. */
function dialOnce(target: Partial<Host> | undefined, network: (own: Network) => void = () => {}) {
  const time = new VirtualTime();
  const lines = new Network({ ...calmNetwork, latencyMs: 5, jitterMs: 0 }, new RandomSource(1));
  network(lines);
  const told: string[] = [];
  const common = { life: 1, isUp: true, isSilent: false };
  const whenRunning = (_: number, action: () => void): void => action();
  const feed = (input: { readonly type: string }): void => {
    told.push(`${input.type} at ${time.nowMs}`);
  };
  const streamTimeoutMs = profiles.lan.streamTimeoutMs;
  const dialler = { ...common, name: 'a', streamTimeoutMs, whenRunning, feed } as unknown as Host;
  const accepter = { ...common, name: 'b', whenRunning, ...target } as unknown as Host;
  const streams = new Streams(time, lines, () => (target === undefined ? undefined : accepter));
  streams.pushPull(dialler, address, true, (success) => {
    told.push(`${success ? 'succeeded' : 'failed'} at ${time.nowMs}`);
  });
  while (time.step(60_000));
  return told;
}

test('a dial takes a round trip', () => {
  expect(dialOnce({})[0]).toBe('pushPullReady at 10');
});

test('a process that is down refuses after a round trip', () => {
  expect(dialOnce({ isUp: false })).toEqual(['failed at 10']);
});

test('a silent machine, and an address that nobody has, let the dialler wait for its deadline', () => {
  expect(dialOnce({ isUp: false, isSilent: true })).toEqual(['failed at 10000']);
  expect(dialOnce(undefined)).toEqual(['failed at 10000']);
});

test('a cut keeps the dialler waiting for its deadline too', () => {
  expect(dialOnce({}, (network) => network.cut(partition([['a'], ['b']])))).toEqual([
    'failed at 10000',
  ]);
});

test('a stream whose state never comes ends at its deadline', () => {
  expect(dialOnce({})).toEqual(['pushPullReady at 10', 'failed at 10000']);
});
