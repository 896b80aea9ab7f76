import { describe, expect, test } from 'vitest';
import { reconnectTarget } from '../../src/serf/reconnect.js';
import { MembersUnderTest, participant } from './members-under-test.js';
import { Network, type NodeUnderTest } from './nodes-under-test.js';

function reconnects(node: NodeUnderTest): string[] {
  return node.outputs
    .filter((output) => output.type === 'report' && output.code === 'reconnecting')
    .map((output) => (output as unknown as { node: string; address: string }).node);
}

describe('a failed member', () => {
  test('is dialled every interval as long as it outnumbers the others', () => {
    const network = new Network();
    const [alpha, beta] = network.cluster('alpha', 'beta');
    if (alpha === undefined || beta === undefined) throw new Error('the cluster is empty');
    beta.isUp = false;

    network.runFor(300_000);

    expect(reconnects(alpha).length).toBeGreaterThanOrEqual(8);
    expect(new Set(reconnects(alpha))).toEqual(new Set(['beta']));
    expect(alpha.outputs).toContainEqual({
      type: 'pushPull',
      to: beta.endpoint,
      node: 'beta',
      join: true,
    });
  });

  test('is dialled less often by each of many', () => {
    const network = new Network();
    const nodes = network.cluster('a', 'b', 'c', 'd', 'e', 'f');
    const gone = nodes.at(-1);
    if (gone === undefined) throw new Error('the cluster is empty');
    gone.isUp = false;

    network.runFor(600_000);

    // Each of five tries with one chance in five, twenty times: about twenty in all.
    const tries = nodes.slice(0, -1).flatMap(reconnects).length;
    expect(tries).toBeGreaterThan(8);
    expect(tries).toBeLessThan(40);
  });

  test('comes back after a silence longer than gossip remembers', () => {
    const network = new Network();
    const [alpha, beta] = network.cluster('alpha', 'beta');
    if (alpha === undefined || beta === undefined) throw new Error('the cluster is empty');
    beta.isUp = false;
    network.runFor(120_000);
    expect(alpha.statuses()).toEqual(['alpha alive', 'beta failed']);

    const again = network.start('beta', {}, beta.endpoint.port);
    network.runFor(120_000);

    expect(alpha.statuses()).toEqual(['alpha alive', 'beta alive']);
    expect(again.statuses()).toEqual(['alpha alive', 'beta alive']);
    expect(alpha.node.counters.flaps).toBe(0);
  });

  test('is forgotten after the reconnect timeout, and dialled no more', () => {
    const network = new Network();
    const alpha = network.start('alpha', { reconnectTimeoutMs: 60_000 });
    const beta = network.start('beta');
    network.join(beta, alpha);
    network.runFor(5_000);
    beta.isUp = false;

    network.runFor(120_000);
    const tries = reconnects(alpha).length;
    network.runFor(300_000);

    expect(alpha.statuses()).toEqual(['alpha alive']);
    expect(alpha.events.slice(-2)).toEqual(['member-failed beta', 'member-reap beta']);
    expect(reconnects(alpha).length).toBe(tries);
  });
});

test('a member that left is never dialled', () => {
  const network = new Network();
  const [alpha, beta] = network.cluster('alpha', 'beta');
  if (alpha === undefined || beta === undefined) throw new Error('the cluster is empty');
  beta.feed({ type: 'leave', request: 1 });
  network.runFor(5_000);
  beta.isUp = false;

  network.runFor(300_000);

  expect(reconnects(alpha)).toEqual([]);
});

test('a failed member that is back within the flap timeout is counted', () => {
  const network = new Network();
  const [alpha, beta] = network.cluster('alpha', 'beta');
  if (alpha === undefined || beta === undefined) throw new Error('the cluster is empty');
  beta.isUp = false;
  network.runFor(20_000);
  expect(alpha.statuses()).toEqual(['alpha alive', 'beta failed']);

  const again = network.start('beta', {}, beta.endpoint.port);
  network.join(again, alpha);
  network.runFor(5_000);

  expect(alpha.statuses()).toEqual(['alpha alive', 'beta alive']);
  expect(alpha.node.counters.flaps).toBe(1);
});

test('a node that leaves dials nobody', () => {
  const network = new Network();
  const [alpha, beta] = network.cluster('alpha', 'beta');
  if (alpha === undefined || beta === undefined) throw new Error('the cluster is empty');
  beta.isUp = false;
  network.runFor(20_000);
  alpha.feed({ type: 'leave', request: 1 });
  const tries = reconnects(alpha).length;

  network.runFor(300_000);

  expect(reconnects(alpha).length).toBe(tries);
});

test('an interval of 0 switches its tick off', () => {
  const network = new Network();

  const alpha = network.start('alpha', {
    reapIntervalMs: 0,
    reconnectIntervalMs: 0,
    healIntervalMs: 0,
    queueCheckIntervalMs: 0,
  });

  const own = alpha.outputs.filter(
    (output) => output.type === 'schedule' && output.timer.type !== 'swim',
  );
  expect(own).toEqual([]);
});

describe('which failed member is dialled', () => {
  function members(alive: number, failed: number) {
    const { members: list } = new MembersUnderTest();
    for (let index = 0; index < alive; index += 1) list.joined(participant(`alive ${index}`), 0);
    for (let index = 0; index < failed; index += 1) {
      list.joined(participant(`failed ${index}`), 0);
      list.departed(participant(`failed ${index}`, { state: 'dead' }), 0);
    }
    return list;
  }
  const draws =
    (...numbers: number[]) =>
    () =>
      numbers.shift() ?? 0;

  test('none is, without failed members', () => {
    expect(reconnectTarget(members(3, 0), draws(0, 0))).toBeUndefined();
  });

  test('one is, when the draw is not above failed by present', () => {
    expect(reconnectTarget(members(4, 1), draws(0.25, 0.9))?.name).toBe('failed 0');
    expect(reconnectTarget(members(4, 1), draws(0.26, 0.9))).toBeUndefined();
  });

  test('one always is, when as many failed as are present, or nobody is', () => {
    expect(reconnectTarget(members(2, 2), draws(0.999, 0.999))?.name).toBe('failed 1');
    expect(reconnectTarget(members(0, 1), draws(0.999, 0))?.name).toBe('failed 0');
  });

  test('each has the same chance', () => {
    const target = (draw: number) => reconnectTarget(members(1, 4), draws(0, draw))?.name;

    expect([0, 0.25, 0.5, 0.75].map(target)).toEqual([
      'failed 0',
      'failed 1',
      'failed 2',
      'failed 3',
    ]);
  });
});
