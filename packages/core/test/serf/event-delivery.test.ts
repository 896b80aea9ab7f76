import { expect, test } from 'vitest';
import { highestLamportTime } from '../../src/serf/lamport-clock.js';
import { Network, type NodeUnderTest } from './nodes-under-test.js';

const bytes = (text: string) => new TextEncoder().encode(text);

function clusterOf(...names: string[]): { network: Network; nodes: NodeUnderTest[] } {
  const network = new Network();
  return { network, nodes: network.cluster(...names) };
}

/** Sends an event from a node. */
function send(node: NodeUnderTest | undefined, name: string, payload = ''): void {
  node?.feed({ type: 'userEvent', request: 1, name, payload: bytes(payload), coalesce: true });
}

test('an event reaches every member once, the sender included', () => {
  const { network, nodes } = clusterOf('alpha', 'beta', 'gamma', 'delta');

  send(nodes[1], 'deploy', 'v1');
  // Gossip may miss a node; a push/pull does not.
  network.runFor(60_000);

  for (const node of nodes) {
    expect(node.userEvents).toMatchObject([{ ltime: 1, name: 'deploy', payload: bytes('v1') }]);
    expect(node.node.counters.userEvents).toBe(1);
    expect(node.node.stats()).toMatchObject({ event_time: '2', event_queue: '0' });
  }
});

test('a second event is one time later, wherever it is sent', () => {
  const { network, nodes } = clusterOf('alpha', 'beta');
  send(nodes[0], 'one');
  network.runFor(2_000);

  send(nodes[1], 'two');

  expect(nodes[1]?.userEvents.map(({ ltime }) => ltime)).toEqual([1, 2]);
});

test('who joins with replay gets what was sent before, in order and no longer to be coalesced', () => {
  const { network, nodes } = clusterOf('alpha', 'beta');
  for (const name of ['one', 'two', 'three']) send(nodes[0], name);
  network.runFor(2_000);
  const late = network.start('late');

  network.join(late, nodes[1] as NodeUnderTest);

  expect(late.userEvents.map(({ name, coalesce }) => [name, coalesce])).toEqual([
    ['one', false],
    ['two', false],
    ['three', false],
  ]);
  expect(late.node.stats()).toMatchObject({ event_queue: '0' });
});

test('who joins without replay gets none of them, not by later push/pulls either, but everything new', () => {
  const { network, nodes } = clusterOf('alpha', 'beta');
  send(nodes[0], 'old');
  network.runFor(2_000);
  const late = network.start('late');

  network.join(late, nodes[1] as NodeUnderTest, true);
  late.mergeState((nodes[0] as NodeUnderTest).state());
  send(nodes[0], 'new');
  network.runFor(2_000);

  expect(late.userEvents.map(({ name }) => name)).toEqual(['new']);
});

test('a node that joins us while we join without replay does not make us deaf (weakness 11)', () => {
  const { network, nodes } = clusterOf('alpha');
  const [alpha] = nodes as [NodeUnderTest];
  const stranger = network.start('stranger');
  send(stranger, 'theirs');

  // The push/pull of somebody else's join comes in between.
  alpha.mergeState(stranger.state(), true);

  expect(alpha.userEvents.map(({ name }) => name)).toEqual(['theirs']);
});

test('who joins after a forged time and a thousand events behind it hears and is heard (weakness 1)', () => {
  const { network, nodes } = clusterOf('alpha', 'beta');
  const [alpha, beta] = nodes as [NodeUnderTest, NodeUnderTest];
  const forged = { name: 'forged', payload: undefined, coalesce: false };
  for (const node of nodes) node.hear({ type: 'userEvent', ltime: highestLamportTime, ...forged });
  for (let count = 0; count < 1_100; count += 1) send(alpha, `event ${count}`);
  network.join(beta, alpha);
  const late = network.start('late');

  network.join(late, alpha, true);
  send(late, 'from the newcomer');
  network.runFor(2_000);
  send(alpha, 'for the newcomer');
  network.runFor(2_000);

  expect(late.userEvents.map(({ name }) => name)).toEqual([
    'from the newcomer',
    'for the newcomer',
  ]);
  expect(beta.userEvents.map(({ name }) => name)).toContain('from the newcomer');
  expect(late.node.counters.badMessages).toBe(0);
});

test('an event that is too large ends in Serf’s error and goes nowhere', () => {
  const { network, nodes } = clusterOf('alpha', 'beta');

  send(nodes[0], 'large', 'x'.repeat(600));
  network.runFor(2_000);

  expect(nodes[0]?.result(1)).toBe(
    'user event exceeds configured limit of 512 bytes before encoding',
  );
  expect(nodes.flatMap(({ userEvents }) => userEvents)).toEqual([]);
});

test('a name that is not UTF-8 arrives, and its bytes travel on unchanged', () => {
  const under = new Network().start('alpha');
  const body = Uint8Array.of(
    ...[3, 0x84, 0xa2, 0x43, 0x43, 0xc2, 0xa5, 0x4c, 0x54, 0x69, 0x6d, 0x65, 5],
    ...[0xa4, 0x4e, 0x61, 0x6d, 0x65, 0xa2, 0xff, 0x41],
    ...[0xa7, 0x50, 0x61, 0x79, 0x6c, 0x6f, 0x61, 0x64, 0xc0],
  );

  under.hearBytes(body);

  expect(under.userEvents.map(({ name }) => name)).toEqual(['\ufffdA']);
  expect(under.node.stats()).toMatchObject({ event_queue: '1' });
});

test('an event that no packet of gossip has room for reaches all by push/pull', () => {
  const network = new Network();
  const [alpha, beta] = ['alpha', 'beta'].map((name) =>
    network.start(name, { userEventSizeLimit: 9_216 }),
  ) as [NodeUnderTest, NodeUnderTest];
  network.join(beta, alpha);
  const payload = 'x'.repeat(9_000);

  send(alpha, 'large', payload);
  network.runFor(40_000);

  expect(alpha.result(1)).toBe('ok');
  expect(beta.userEvents).toMatchObject([{ name: 'large', payload: bytes(payload) }]);
});
