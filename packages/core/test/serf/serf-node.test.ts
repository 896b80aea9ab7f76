import { describe, expect, test } from 'vitest';
import { SerfNode } from '../../src/serf/serf-node.js';
import { decodeMessage, encodeMessage } from '../../src/wire/message-codec.js';
import { encodeSerfMessage } from '../../src/wire/serf-codec.js';
import type { QueryMessage, UserEventMessage } from '../../src/wire/serf-messages.js';
import { serfVersions } from '../../src/wire/versions.js';
import { elsewhere, Network, type NodeUnderTest, serfOptions } from './nodes-under-test.js';

const userEvent: UserEventMessage = {
  type: 'userEvent',
  ltime: 5,
  name: 'deploy',
  payload: new TextEncoder().encode('v1'),
  coalesce: true,
};

const query: QueryMessage = {
  type: 'query',
  ltime: 5,
  id: 77,
  address: Uint8Array.of(10, 0, 0, 2),
  port: 7_946,
  sourceNode: 'omega',
  filters: undefined,
  flags: 1,
  relayFactor: 0,
  timeout: 2e9,
  name: 'uptime',
  payload: undefined,
};

function alone(name = 'alpha'): NodeUnderTest {
  return new Network().start(name);
}

/** What the node would send next, as it stands in the packets. */
function queued(under: NodeUnderTest): Uint8Array[] {
  const sequence = 1;
  const ping = {
    type: 'ping',
    sequence,
    node: under.node.local.name,
    sourceAddress: undefined,
    sourcePort: 0,
    sourceNode: 'omega',
  } as const;
  const outputs = under.feed({ type: 'message', message: ping, from: elsewhere, via: 'packet' });
  return outputs
    .flatMap((output) => (output.type === 'packet' ? output.parts : []))
    .filter((part) => part[0] === 8)
    .map((part) => part.slice(1));
}

describe('a node starts', () => {
  test('with itself as its only member, and its three ticks', () => {
    const under = new Network().start('alpha', { tags: { role: 'web' } });

    const { local } = under.node;
    expect(local).toMatchObject({
      name: 'alpha',
      endpoint: { host: '10.0.0.1', port: 7_000 },
      tags: { role: 'web' },
      status: 'alive',
      versions: serfVersions(5),
    });
    expect(under.node.members()).toEqual([local]);
    expect(under.node.member('alpha')).toEqual(local);
    expect(under.outputs.filter((output) => output.type !== 'schedule')).toEqual([
      { type: 'memberChanged', member: local },
      {
        type: 'report',
        code: 'memberEvent',
        event: 'member-join',
        node: 'alpha',
        host: '10.0.0.1',
      },
      { type: 'event', event: { type: 'member-join', members: [local] } },
    ]);
    const own = under.outputs.filter(
      (output) => output.type === 'schedule' && output.timer.type !== 'swim',
    );
    expect(own).toEqual([
      { type: 'schedule', timer: { type: 'reapTick' }, atMs: 15_000 },
      { type: 'schedule', timer: { type: 'reconnectTick' }, atMs: 30_000 },
      { type: 'schedule', timer: { type: 'healTick' }, atMs: 30_000 },
      { type: 'schedule', timer: { type: 'queueCheckTick' }, atMs: 30_000 },
    ]);
  });

  test('with the numbers of a fresh lone Serf agent', () => {
    expect(alone().node.stats()).toEqual({
      coordinate_resets: '0',
      members: '1',
      failed: '0',
      left: '0',
      health_score: '0',
      member_time: '1',
      event_time: '1',
      query_time: '1',
      intent_queue: '0',
      event_queue: '0',
      query_queue: '0',
    });
  });

  test('and is not to be asked for itself before', () => {
    const node = new SerfNode(serfOptions('alpha', 7_946, {}), () => 0.5);

    expect(() => node.local).toThrow('before its start');
    expect(node.memberCount).toBe(0);
  });

  test('only with options that have no problem', () => {
    const options = serfOptions('alpha', 7_946, { protocol: 9 });

    expect(() => new SerfNode(options, () => 0.5)).toThrow("Protocol version '9' too high");
  });
});

describe('two fresh nodes meet', () => {
  test('the joiner announces itself at time 1, and the other is at time 2 then', () => {
    const network = new Network();
    const alpha = network.start('alpha');
    const beta = network.start('beta');

    network.join(beta, alpha);
    network.runFor(1_000);

    const intents = network.carried.filter(({ message }) => message.type === 'join');
    expect(intents.length).toBeGreaterThan(0);
    for (const { message } of intents) {
      expect(message).toEqual({ type: 'join', ltime: 1, node: 'beta' });
    }
    expect(alpha.state().statusLTimes.get('beta')).toBe(1);
    expect(alpha.node.stats()['member_time']).toBe('2');
    expect(alpha.statuses()).toEqual(['alpha alive', 'beta alive']);
    expect(beta.statuses()).toEqual(['alpha alive', 'beta alive']);
    expect(alpha.events).toEqual(['member-join alpha', 'member-join beta']);
    expect(beta.events).toEqual(['member-join beta', 'member-join alpha']);
  });

  test('their queues empty themselves', () => {
    const network = new Network();
    const [alpha, beta] = network.cluster('alpha', 'beta');

    expect(alpha?.node.stats()).toMatchObject({ intent_queue: '0', members: '2' });
    expect(beta?.node.stats()).toMatchObject({ intent_queue: '0', members: '2' });
  });

  test('a join that reached nobody announces nothing', () => {
    const under = alone();

    under.feed({ type: 'joinCompleted', contacted: 0 });

    expect(under.node.stats()).toMatchObject({ intent_queue: '0', member_time: '1' });
  });
});

describe('intents', () => {
  /** A node that knows "beta" with status time 12. */
  function acquainted(): NodeUnderTest {
    const network = new Network();
    const [alpha, beta] = network.cluster('alpha', 'beta');
    if (alpha === undefined || beta === undefined) throw new Error('the cluster is empty');
    beta.isUp = false;
    alpha.hear({ type: 'join', ltime: 12, node: 'beta' });
    return alpha;
  }

  test('a newer leave makes leaving, moves the clock past it, and is passed on as it came', () => {
    const alpha = acquainted();
    queued(alpha);
    const body = encodeSerfMessage({ type: 'leave', ltime: 14, node: 'beta', prune: false });

    const outputs = alpha.hearBytes(body);

    expect(outputs).toEqual([
      { type: 'report', code: 'messageReceived', kind: 'leave', name: 'beta' },
      { type: 'memberChanged', member: alpha.node.member('beta') },
    ]);
    expect(alpha.node.member('beta')?.status).toBe('leaving');
    expect(alpha.node.stats()['member_time']).toBe('15');
    expect(queued(alpha)).toContainEqual(body);
  });

  test('a leave that is not newer does nothing, though its time is witnessed', () => {
    const alpha = acquainted();
    const before = alpha.node.stats()['intent_queue'];

    alpha.hear({ type: 'leave', ltime: 10, node: 'beta', prune: false });

    expect(alpha.node.member('beta')?.status).toBe('alive');
    expect(alpha.node.stats()['intent_queue']).toBe(before);
    expect(alpha.node.stats()['member_time']).toBe('13');
  });

  test('a newer join makes a leaving member alive again, without an event', () => {
    const alpha = acquainted();
    alpha.hear({ type: 'leave', ltime: 13, node: 'beta', prune: false });
    alpha.events.length = 0;

    alpha.hear({ type: 'join', ltime: 14, node: 'beta' });

    expect(alpha.node.member('beta')?.status).toBe('alive');
    expect(alpha.state().statusLTimes.get('beta')).toBe(14);
    expect(alpha.events).toEqual([]);
  });

  test('fields that are not known here are passed on too', () => {
    const under = alone();
    const known = encodeSerfMessage({ type: 'join', ltime: 3, node: 'omega' });
    // One more entry in the map: "Xtra": 1.
    const body = Uint8Array.of(1, 0x83, ...known.subarray(2), 0xa4, 0x58, 0x74, 0x72, 0x61, 1);

    under.hearBytes(body);

    expect(queued(under)).toEqual([body]);
  });

  test('a leave about this node is refuted and not passed on', () => {
    const under = alone('beta');

    const outputs = under.hear({ type: 'leave', ltime: 50, node: 'beta', prune: false });

    expect(outputs).toContainEqual({ type: 'report', code: 'refutingLeave' });
    expect(under.node.local.status).toBe('alive');
    expect(queued(under)).toEqual([encodeSerfMessage({ type: 'join', ltime: 51, node: 'beta' })]);
    expect(under.state().statusLTimes.get('beta')).toBe(51);
    expect(under.node.stats()['member_time']).toBe('52');
  });

  test('each announcement of this node lies far above its last one, so that no rumour draws level', () => {
    const network = new Network();
    const [beta, quick, slow] = network.cluster('beta', 'quick', 'slow');
    if (beta === undefined || quick === undefined || slow === undefined) throw new Error('empty');
    const first = beta.state().statusLTimes.get('beta') ?? 0;
    // Somebody holds beta as left with its last announcement, and says so where a push/pull brings the next one too.
    quick.mergeState({ leftMembers: ['beta'], statusLTimes: new Map([['beta', first]]) });
    expect(quick.node.member('beta')?.status).toBe('leaving');

    beta.feed({ type: 'joinCompleted', contacted: 1 });
    quick.mergeState(beta.state());

    expect(beta.state().statusLTimes.get('beta')).toBeGreaterThan(first + 1);
    expect(quick.node.member('beta')?.status).toBe('alive');
  });

  test('an old leave about this node is not even refuted', () => {
    const under = alone('beta');
    under.hear({ type: 'leave', ltime: 50, node: 'beta', prune: false });

    const outputs = under.hear({ type: 'leave', ltime: 50, node: 'beta', prune: true });

    expect(outputs.map((output) => output.type)).toEqual(['report']);
    expect(under.node.stats()['intent_queue']).toBe('1');
  });

  test('an absurd Lamport time is refused and moves no clock (weakness 1)', () => {
    const under = alone();

    for (const type of ['join', 'leave'] as const) {
      const outputs = under.hear({ type, ltime: 2 ** 53 - 1, node: 'omega', prune: false });
      expect(outputs).toContainEqual(expect.objectContaining({ code: 'badMessage' }));
    }

    expect(under.node.stats()).toMatchObject({ member_time: '1', intent_queue: '0' });
    expect(under.node.counters.badMessages).toBe(2);
  });
});

describe('user events and queries of others', () => {
  test('an event is delivered and passed on once, as it came, and kept for those who join later', () => {
    const under = alone();
    const body = encodeSerfMessage(userEvent);

    under.hearBytes(body);
    under.hearBytes(body);

    expect(under.userEvents).toHaveLength(1);
    expect(under.node.stats()).toMatchObject({ event_time: '6', event_queue: '1' });
    expect(queued(under)).toEqual([body]);
    expect(under.state().events).toEqual([
      { ltime: 5, events: [{ name: 'deploy', payload: userEvent.payload }] },
    ]);
  });

  test('an event too far behind the clock is dropped', () => {
    const under = alone();
    under.hear({ ...userEvent, ltime: 1_512 });

    under.hear({ ...userEvent, ltime: 1 });

    expect(under.node.stats()).toMatchObject({ event_time: '1513', event_queue: '1' });
  });

  test('a query is passed on once for each id, as it came', () => {
    const under = alone();

    for (const id of [1, 1, 2, 3]) under.hear({ ...query, id });

    expect(under.node.stats()).toMatchObject({ query_time: '6', query_queue: '3' });
    expect(queued(under)).toContainEqual(encodeSerfMessage({ ...query, id: 2 }));
  });

  test('a query that is not to be passed on is not', () => {
    const under = alone();

    under.hear({ ...query, flags: 2 });

    expect(under.node.stats()).toMatchObject({ query_time: '6', query_queue: '0' });
  });

  test('an event crosses nodes that deliver none, and reaches everybody', () => {
    const network = new Network();
    const nodes = network.cluster('alpha', 'beta', 'gamma', 'delta');

    nodes[0]?.hear(userEvent);
    // Gossip may miss one of four; the next push/pull does not.
    network.runFor(40_000);

    for (const each of nodes) expect(each.node.stats()['event_time']).toBe('6');
  });
});

describe('what a node does not take', () => {
  test.each([
    ['an unknown type', Uint8Array.of(77, 0x80)],
    ['garbage', Uint8Array.of(1, 0xc1, 0xff)],
    ['a message that is cut', encodeSerfMessage({ type: 'join', ltime: 1, node: 'x' }).slice(0, 9)],
    [
      'a response to no query',
      encodeSerfMessage({
        type: 'queryResponse',
        ltime: 1,
        id: 1,
        from: 'x',
        flags: 0,
        payload: undefined,
      }),
    ],
    [
      'a response to be relayed (weakness 9)',
      encodeSerfMessage({
        type: 'relay',
        address: Uint8Array.of(10, 0, 0, 9),
        port: 1,
        zone: '',
        node: 'x',
        inner: Uint8Array.of(5, 0x80),
      }),
    ],
    [
      'a message that belongs inside others',
      encodeSerfMessage({ type: 'keyRequest', key: new Uint8Array() }),
    ],
  ])('%s: it is reported, counted, and changes nothing', (_, body) => {
    const under = alone();
    const stats = under.node.stats();

    const outputs = under.hearBytes(body);

    const said = outputs.filter(
      (each) => each.type !== 'report' || each.code !== 'messageReceived',
    );
    expect(said).toEqual([
      { type: 'report', code: 'badMessage', detail: expect.stringMatching(/./) },
    ]);
    expect(under.node.counters.badMessages).toBe(1);
    expect(under.node.stats()).toEqual(stats);
  });

  test('a flood of them is counted, and gets ten lines a second', () => {
    const network = new Network();
    const under = network.start('alpha');
    const lines = () =>
      Array.from({ length: 1_000 }, () => under.hearBytes(Uint8Array.of(77))).flat().length;

    expect(lines()).toBe(10);
    network.runFor(999);
    expect(lines()).toBe(0);
    network.runFor(1);
    expect(lines()).toBe(10);

    expect(under.node.counters.badMessages).toBe(3_000);
  });

  test('an empty message is nothing at all', () => {
    expect(alone().hearBytes(new Uint8Array())).toEqual([]);
  });
});

describe('tags', () => {
  test('new ones reach the others as an update', () => {
    const network = new Network();
    const [alpha, beta] = network.cluster('alpha', 'beta');

    alpha?.feed({ type: 'setTags', request: 1, tags: { role: 'db' } });
    expect(alpha?.result(1)).toBeUndefined();
    network.runFor(3_000);

    expect(alpha?.result(1)).toBe('ok');
    expect(alpha?.node.local.tags).toEqual({ role: 'db' });
    expect(beta?.node.member('alpha')?.tags).toEqual({ role: 'db' });
    expect(beta?.events.at(-1)).toBe('member-update alpha');
    expect(alpha?.events.at(-1)).toBe('member-update alpha');
  });

  test('the same ones in another order are no update (weakness 2)', () => {
    const network = new Network();
    const [alpha, beta] = network.cluster('alpha', 'beta');
    alpha?.feed({ type: 'setTags', request: 1, tags: { a: '1', b: '2' } });
    network.runFor(3_000);
    const before = beta?.events.length;

    alpha?.feed({ type: 'setTags', request: 2, tags: { b: '2', a: '1' } });
    network.runFor(3_000);

    expect(alpha?.result(2)).toBe('ok');
    expect(beta?.events.length).toBe(before);
  });

  test('too many are refused, and the old ones stay', () => {
    const network = new Network();
    const under = network.start('alpha', { tags: { role: 'web' } });

    const outputs = under.feed({ type: 'setTags', request: 1, tags: { role: 'x'.repeat(600) } });

    expect(outputs).toEqual([
      { type: 'done', request: 1, error: 'Encoded length of tags exceeds limit of 512 bytes' },
    ]);
    expect(under.node.local.tags).toEqual({ role: 'web' });
  });

  test('nobody to tell is no reason to wait', () => {
    const under = alone();

    under.feed({ type: 'setTags', request: 1, tags: { role: 'db' } });

    expect(under.result(1)).toBe('ok');
    expect(under.node.local.tags).toEqual({ role: 'db' });
  });

  test('an announcement that is never sent ends in an error', () => {
    const network = new Network();
    const [alpha] = network.cluster('alpha', 'beta');
    // No packets leave any more, and no timers run but the one that ends the wait.
    if (alpha === undefined) throw new Error('the cluster is empty');
    alpha.isUp = false;
    alpha.feed({ type: 'setTags', request: 1, tags: { role: 'db' } });
    const wait = alpha.outputs.findLast(
      (output) =>
        output.type === 'schedule' &&
        output.timer.type === 'swim' &&
        output.timer.timer.type === 'broadcastWait',
    );
    if (wait?.type !== 'schedule') throw new Error('nothing ends the wait');
    network.nowMs = wait.atMs;

    alpha.feed({ type: 'timer', timer: wait.timer });

    expect(alpha.result(1)).toBe('timeout waiting for update broadcast');
  });
});

test('a rival for a name is reported with both addresses, and changes nothing', () => {
  const under = alone();
  const rival = encodeMessage({
    type: 'alive',
    incarnation: 9,
    node: 'alpha',
    address: Uint8Array.of(10, 0, 0, 8),
    port: 7_946,
    meta: Uint8Array.of(0xff, 0x80),
    versions: serfVersions(5),
  });

  const message = decodeMessage(rival);
  const outputs = under.feed({ type: 'message', message, from: elsewhere, via: 'packet' });

  expect(outputs).toContainEqual({
    type: 'report',
    code: 'nameConflict',
    node: 'alpha',
    own: true,
    resolved: true,
    existing: '10.0.0.1:7000',
    other: '10.0.0.8:7946',
  });
  expect(under.node.local.endpoint).toEqual({ host: '10.0.0.1', port: 7_000 });
  const again = under.feed({ type: 'message', message, from: elsewhere, via: 'packet' });
  expect(again).not.toContainEqual(expect.objectContaining({ code: 'nameConflict' }));
});

test('the queues are supervised', () => {
  const network = new Network();
  const under = network.start('alpha', { queueDepthWarning: 1, maxQueueDepth: 1 });
  for (const ltime of [1, 2, 3]) under.hear({ ...userEvent, ltime });

  network.runFor(30_000);

  expect(under.outputs).toContainEqual({
    type: 'report',
    code: 'queueDepth',
    queue: 'Event',
    depth: 3,
    dropped: 2,
  });
  expect(under.node.counters.eventsDropped).toBe(2);
});

test('an encryption that leaves less room in a packet drops what fits into none any more', () => {
  const under = alone();
  under.hear({ ...userEvent, payload: new Uint8Array(1_340) });
  expect(under.node.stats()['event_queue']).toBe('1');

  under.feed({ type: 'packetOverhead', bytes: 29 });

  expect(under.node.stats()['event_queue']).toBe('0');
});

test('an event or query that no packet has room for is said to be one, and stays at home', () => {
  const network = new Network();
  const changes = { userEventSizeLimit: 9_216, querySizeLimit: 9_216 };
  const [alpha, beta] = [network.start('alpha', changes), network.start('beta', changes)];
  network.join(beta, alpha);
  const payload = new Uint8Array(2_000);

  alpha.feed({ type: 'userEvent', request: 1, name: 'deploy', payload, coalesce: false });
  alpha.ask('load', { payload });
  network.runFor(2_000);

  expect([beta.userEvents, beta.queries]).toEqual([[], []]);
  const reports = alpha.outputs.filter(
    (each) => each.type === 'report' && each.code === 'tooLongToSpread',
  );
  expect(reports).toMatchObject([
    { kind: 'userEvent', name: 'deploy' },
    { kind: 'query', name: 'load' },
  ]);
});
