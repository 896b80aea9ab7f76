import { describe, expect, test } from 'vitest';
import type { RestoredState } from '../../../src/serf/snapshot/restored-state.js';
import { Network, type NodeUnderTest } from '../nodes-under-test.js';

const hour = 3_600_000;
/** Timers for hours in milliseconds of real time: nobody probes, so who goes must be told. */
const shortMemory = { reconnectTimeoutMs: 60_000, tombstoneTimeoutMs: 60_000 };

function pair(): { network: Network; alpha: NodeUnderTest; beta: NodeUnderTest } {
  const network = new Network();
  const alpha = network.start('alpha', shortMemory);
  const beta = network.start('beta', shortMemory);
  network.join(beta, alpha);
  network.runFor(5_000);
  return { network, alpha, beta };
}

const restoredPeers = (names: readonly [string, number][]): RestoredState => ({
  clock: 0,
  eventClock: 0,
  queryClock: 0,
  peers: names.map(([name, port]) => ({ name, endpoint: { host: '10.0.0.1', port } })),
  coordinate: undefined,
});

describe('a member that failed and was forgotten', () => {
  test('is asked now and then, and a member again when it answers', () => {
    const { network, alpha, beta } = pair();
    beta.isUp = false;
    network.runFor(300_000);
    expect(alpha.statuses()).toEqual(['alpha alive']);
    expect(alpha.node.counters.lostPeers).toBe(1);

    const again = network.start('beta', shortMemory, beta.endpoint.port);
    network.runFor(120_000);

    expect(alpha.statuses()).toEqual(['alpha alive', 'beta alive']);
    expect(again.statuses()).toEqual(['alpha alive', 'beta alive']);
    expect(alpha.node.counters.lostPeers).toBe(0);
  });

  test('is not taken for somebody who was given its address', () => {
    const { network, alpha, beta } = pair();
    beta.isUp = false;
    network.runFor(300_000);

    const stranger = network.start('stranger', shortMemory, beta.endpoint.port);
    network.runFor(600_000);

    expect(alpha.statuses()).toEqual(['alpha alive']);
    expect(stranger.statuses()).toEqual(['stranger alive']);
  });

  test('is not asked for at the address of a member with another name', () => {
    const { network, alpha, beta } = pair();
    beta.isUp = false;
    network.runFor(300_000);
    const renamed = network.start('renamed', shortMemory, beta.endpoint.port);
    network.join(renamed, alpha);

    network.runFor(600_000);

    expect(alpha.statuses()).toEqual(['alpha alive', 'renamed alive']);
    const wondered = renamed.outputs.filter(
      (output) => output.type === 'report' && output.code === 'wrongPing',
    );
    expect(wondered).toEqual([]);
  });

  test('is waited for no more when it is said to have left', () => {
    const { network, alpha, beta } = pair();
    beta.isUp = false;
    network.runFor(300_000);

    const outputs = alpha.hear({ type: 'leave', node: 'beta', ltime: 90, prune: true });

    expect(outputs).toContainEqual({ type: 'peerForgotten', name: 'beta' });
    expect(alpha.node.counters.lostPeers).toBe(0);
  });
});

test('a member that left, or was pruned, is not lost but gone', () => {
  const network = new Network();
  const [alpha, beta, gamma] = ['alpha', 'beta', 'gamma'].map((name) =>
    network.start(name, shortMemory),
  );
  if (alpha === undefined || beta === undefined || gamma === undefined) throw new Error('no nodes');
  for (const node of [beta, gamma]) network.join(node, alpha);
  network.runFor(5_000);
  gamma.isUp = false;
  beta.feed({ type: 'leave', request: 1 });
  network.runFor(30_000);
  beta.isUp = false;
  alpha.feed({ type: 'forceLeave', request: 2, node: 'gamma', prune: true });
  network.runFor(hour);

  expect(alpha.statuses()).toEqual(['alpha alive']);
  expect(alpha.node.counters.lostPeers).toBe(0);
});

test('a peer that answers a node which is leaving is not joined any more', () => {
  const network = new Network();
  network.start('beta', {}, 7_001);
  const alpha = network.start('alpha', {}, 7_000, restoredPeers([['beta', 7_001]]));
  network.runFor(30_000);
  expect(alpha.statuses()).toEqual(['alpha alive']);

  alpha.feed({ type: 'leave', request: 1 });
  network.runFor(5_000);

  expect(alpha.result(1)).toBe('ok');
  expect(alpha.outputs.map(({ type }) => type)).not.toContain('pushPull');
});

test('peers of a former life are asked until they are members', () => {
  const network = new Network();
  const beta = network.start('beta');
  const restored = restoredPeers([
    ['alpha', 7_500],
    ['beta', beta.endpoint.port],
    ['gone', 7_999],
  ]);
  const alpha = network.start('alpha', {}, 7_500, restored);
  expect(alpha.node.counters.lostPeers).toBe(2);

  network.runFor(600_000);

  expect(alpha.statuses()).toEqual(['alpha alive', 'beta alive']);
  expect(alpha.node.counters.lostPeers).toBe(1);
});

describe('seeds', () => {
  test('are looked up and contacted, and the node announced, as long as they are missed', () => {
    const network = new Network();
    const alpha = network.start('alpha', { seeds: ['seed.example'] });
    network.runFor(31_000);
    expect(alpha.outputs).toContainEqual({ type: 'lookUp', address: 'seed.example' });
    const to = { host: '10.0.0.1', port: 7_900 };

    const found = alpha.feed({
      type: 'seedFound',
      address: 'seed.example',
      endpoints: [to],
    });
    // It has never met anybody: this is its first join, and events of before are none of its business.
    expect(found).toContainEqual({ type: 'contact', address: 'seed.example', to, replay: false });

    const ltime = alpha.node.stats()['member_time'];
    alpha.feed({ type: 'seedReached', address: 'seed.example' });
    expect(Number(alpha.node.stats()['member_time'])).toBeGreaterThan(Number(ltime));
  });

  test('are asked for events of before at the first contact too, where that is wanted', () => {
    const alpha = new Network().start('alpha', { seeds: ['seed.example'], replaySeeds: true });
    const endpoints = [{ host: '10.0.0.1', port: 7_900 }];

    const found = alpha.feed({ type: 'seedFound', address: 'seed.example', endpoints });

    expect(found).toContainEqual(expect.objectContaining({ type: 'contact', replay: true }));
  });

  test('are asked for what was missed by a node that had members in a former life', () => {
    const restored = restoredPeers([['beta', 7_901]]);
    const alpha = new Network().start('alpha', { seeds: ['seed.example'] }, 7_500, restored);
    const endpoints = [{ host: '10.0.0.1', port: 7_900 }];

    const found = alpha.feed({ type: 'seedFound', address: 'seed.example', endpoints });

    expect(found).toContainEqual(expect.objectContaining({ type: 'contact', replay: true }));
  });

  test('are left alone by a node that leaves', () => {
    const network = new Network();
    const alpha = network.start('alpha', { seeds: ['seed.example'] });
    alpha.feed({ type: 'leave', request: 1 });
    network.runFor(120_000);

    expect(alpha.outputs).not.toContainEqual({ type: 'lookUp', address: 'seed.example' });
    const endpoints = [{ host: '10.0.0.1', port: 7_900 }];
    const found = alpha.feed({ type: 'seedFound', address: 'seed.example', endpoints });
    expect(found.filter(({ type }) => type === 'contact')).toEqual([]);
  });

  test('an interval of 0 switches all of it off', () => {
    const network = new Network();
    const restored = restoredPeers([['beta', 7_900]]);
    const alpha = network.start(
      'alpha',
      { seeds: ['seed.example'], healIntervalMs: 0 },
      7_500,
      restored,
    );
    network.runFor(600_000);

    expect(alpha.outputs).not.toContainEqual({ type: 'lookUp', address: 'seed.example' });
    expect(alpha.outputs.filter(({ type }) => type === 'streamProbe')).toEqual([]);
  });
});
