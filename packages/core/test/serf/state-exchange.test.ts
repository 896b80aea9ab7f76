import { describe, expect, test } from 'vitest';
import { MsgpackWriter } from '../../src/wire/msgpack-writer.js';
import type { SerfState } from '../../src/wire/serf-messages.js';
import { Network, type NodeUnderTest } from './nodes-under-test.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));
const bytes = (text: string) => new TextEncoder().encode(text);

const alone = (name = 'alpha'): NodeUnderTest => new Network().start(name);

function withFailed(...failed: string[]): { network: Network; alpha: NodeUnderTest } {
  const network = new Network();
  const [alpha, ...others] = network.cluster('alpha', ...failed);
  if (alpha === undefined) throw new Error('the cluster is empty');
  for (const other of others) other.isUp = false;
  network.runFor(30_000);
  return { network, alpha };
}

describe('what a node sends', () => {
  test('is its clocks and its own name when it is fresh and alone', () => {
    expect(alone().state()).toEqual({
      type: 'state',
      ltime: 1,
      statusLTimes: new Map([['alpha', 0]]),
      leftMembers: [],
      eventLTime: 1,
      events: [],
      queryLTime: 1,
    });
  });

  test('names every member with its time, and as left only those who left', () => {
    const { alpha } = withFailed('beta', 'gamma');
    alpha.hear({ type: 'leave', ltime: 30, node: 'beta', prune: false });

    const state = alpha.state();

    expect([...state.statusLTimes.keys()].sort()).toEqual(['alpha', 'beta', 'gamma']);
    expect(state.statusLTimes.get('beta')).toBe(30);
    expect(state.leftMembers).toEqual(['beta']);
    expect(state.ltime).toBe(31);
  });

  test('names a node that is leaving as left: else its time would block the intent behind it', () => {
    const [beta, gamma] = new Network().cluster('beta', 'gamma');
    if (beta === undefined || gamma === undefined) throw new Error('the cluster is empty');
    beta.feed({ type: 'leave', request: 1 });

    const state = beta.state();
    gamma.mergeState(state);

    expect(beta.node.local.status).toBe('leaving');
    expect(state.leftMembers).toEqual(['beta']);
    expect(gamma.statuses()).toEqual(['beta leaving', 'gamma alive']);
  });

  test('has the events in the order of their times, in filled slots only (weakness 21)', () => {
    const under = alone();
    for (const ltime of [513, 2, 511]) {
      const event = { type: 'userEvent', name: 'e', payload: undefined, coalesce: true } as const;
      under.hear({ ...event, ltime });
    }

    expect(under.state().events.map((group) => group?.ltime)).toEqual([2, 511, 513]);
  });

  test('has no event whose name came damaged: to Serf’s members it would be another one', () => {
    const under = alone();
    const event = (name: Uint8Array) =>
      new MsgpackWriter('gossip')
        .byte(3)
        .mapHeader(2)
        .key('LTime')
        .uint(5)
        .key('Name')
        .bytes(name)
        .finish();

    under.hearBytes(event(Uint8Array.of(0x62, 0xff)));
    under.hearBytes(event(Uint8Array.of(0x62)));

    expect(under.userEvents.map(({ name }) => name)).toEqual(['b\ufffd', 'b']);
    expect(under.state().events).toEqual([
      { ltime: 5, events: [{ name: 'b', payload: undefined }] },
    ]);
  });

  test('is the state before the merge when it answers', () => {
    const under = alone();

    const outputs = under.mergeState({ ltime: 100 });

    const sent = outputs.find((output) => output.type === 'pushPullSend');
    expect(sent?.state.userState).toEqual(
      alone()
        .feed({ type: 'pushPullReady', exchange: 1, join: false })
        .find((output) => output.type === 'pushPullSend')?.state.userState,
    );
  });
});

describe('what a node takes', () => {
  test('moves each clock to where the sender is, not past it', () => {
    const under = alone();

    under.mergeState({ ltime: 42, eventLTime: 50, queryLTime: 100 });

    expect(under.node.stats()).toMatchObject({
      member_time: '42',
      event_time: '50',
      query_time: '100',
    });
  });

  test('moves no clock for a sender that has none', () => {
    const under = alone();

    under.mergeState({ ltime: 0, eventLTime: 0, queryLTime: 0 });

    expect(under.node.stats()).toMatchObject({
      member_time: '1',
      event_time: '1',
      query_time: '1',
    });
  });

  test('refuses absurd clocks one by one (weakness 1)', () => {
    const under = alone();

    under.mergeState({ ltime: 2 ** 53 - 1, eventLTime: 50, queryLTime: 2 ** 53 - 1 });

    expect(under.node.stats()).toMatchObject({
      member_time: '1',
      event_time: '50',
      query_time: '1',
    });
    expect(under.node.counters.badMessages).toBe(2);
  });

  test('is all but the times that one forged message put into it (weakness 1)', () => {
    const { alpha } = withFailed('beta', 'gamma');
    const absurd = 2n ** 64n - 1n;
    const writer = new MsgpackWriter('gossip');
    writer.byte(2).mapHeader(5).key('EventLTime').uint(50).key('Events').arrayHeader(2);
    for (const ltime of [absurd, 45]) {
      writer.mapHeader(2).key('Events').arrayHeader(1).mapHeader(1).key('Name').text(`at ${ltime}`);
      writer.key('LTime').uint(ltime);
    }
    writer.key('LTime').uint(absurd).key('LeftMembers').arrayHeader(1).text('gamma');
    writer.key('StatusLTimes').mapHeader(3).text('beta').uint(absurd);
    writer.text('gamma').uint(20).text('alpha').uint(absurd);
    const refused = alpha.node.counters.badMessages;

    alpha.feed({
      type: 'pushPullRequest',
      exchange: 1,
      state: { join: false, nodes: [], userState: writer.finish() },
      from: { host: '10.0.0.2', port: 7_946 },
    });

    expect(alpha.userEvents.map(({ name }) => name)).toEqual(['at 45']);
    expect(alpha.statuses()).toEqual(['alpha alive', 'beta failed', 'gamma left']);
    expect(alpha.node.stats()).toMatchObject({ event_time: '50', member_time: '22' });
    expect(alpha.node.counters.badMessages - refused).toBe(4);
  });

  test('is the compact form that Serf accepts too, with the effects that are known of it', () => {
    const under = alone();
    const userState = hex(`
      0286 a54c54696d652a ac5374617475734c54696d657382a466616b6514a3666f6f0f
      ab4c6566744d656d6265727391a3666f6f aa4576656e744c54696d6532
      a64576656e747391 82a54c54696d652da64576656e747392
      82a44e616d65a474657374a75061796c6f6164c0 82a44e616d65a27432a75061796c6f6164a27a7a
      aa51756572794c54696d6564`);

    const outputs = under.feed({
      type: 'pushPullRequest',
      exchange: 1,
      state: { join: true, nodes: [], userState },
      from: { host: '10.0.0.2', port: 7_946 },
    });

    expect(outputs.map((output) => output.type)).toEqual([
      'pushPullSend',
      'event',
      'event',
      'pushPullMerged',
    ]);
    expect(under.node.stats()).toMatchObject({
      member_time: '42',
      event_time: '50',
      query_time: '100',
      event_queue: '0',
      intent_queue: '0',
    });
    expect(under.state().events).toEqual([
      {
        ltime: 45,
        events: [
          { name: 'test', payload: undefined },
          { name: 't2', payload: bytes('zz') },
        ],
      },
    ]);
  });

  test('makes those who left leave one above their time, and passes nothing on', () => {
    const { alpha } = withFailed('beta');
    const queue = alpha.node.stats()['intent_queue'];

    alpha.mergeState({ statusLTimes: new Map([['beta', 20]]), leftMembers: ['beta'] });

    expect(alpha.node.member('beta')?.status).toBe('left');
    expect(alpha.state().statusLTimes.get('beta')).toBe(21);
    expect(alpha.events.at(-1)).toBe('member-leave beta');
    expect(alpha.node.stats()['intent_queue']).toBe(queue);
  });

  test('takes a member that left without a time as one that left at time 1', () => {
    const { alpha } = withFailed('beta');
    const before = alpha.state().statusLTimes.get('beta') ?? 0;
    expect(before).toBeGreaterThanOrEqual(1);

    alpha.mergeState({ leftMembers: ['beta'] });

    expect(alpha.node.member('beta')?.status).toBe('failed');
  });

  test('raises the times of the others, without an event', () => {
    const { alpha } = withFailed('beta');
    const events = alpha.events.length;

    alpha.mergeState({ statusLTimes: new Map([['beta', 20]]) });

    expect(alpha.state().statusLTimes.get('beta')).toBe(20);
    expect(alpha.node.member('beta')?.status).toBe('failed');
    expect(alpha.events.length).toBe(events);
  });

  test('keeps its events in the order of their times, whatever their slots (weakness 21)', () => {
    const under = alone();
    const group = (ltime: number) => ({ ltime, events: [{ name: 'e', payload: undefined }] });
    const events: SerfState['events'] = [group(1_030), undefined, group(1_026), group(600)];

    under.mergeState({ eventLTime: 1_031, events });

    // In the order of the slots the clock would be at 1031 before 600 came: within the window all the same.
    expect(under.state().events).toEqual([group(600), group(1_026), group(1_030)]);
    expect(under.node.stats()['event_queue']).toBe('0');
  });

  test('is refuted where it says that this node left (weaknesses 5 and 18)', () => {
    const under = alone('beta');

    const outputs = under.mergeState({
      statusLTimes: new Map([['beta', 7]]),
      leftMembers: ['beta'],
    });

    expect(outputs).toContainEqual({ type: 'report', code: 'refutingLeave' });
    expect(under.node.local.status).toBe('alive');
    expect(under.node.stats()).toMatchObject({ intent_queue: '1' });
    expect(under.state().statusLTimes.get('beta')).toBe(73);
  });

  test('is outdone where it knows of a later intent about this node, which never arrived here', () => {
    const under = alone('beta');

    under.mergeState({ statusLTimes: new Map([['beta', 7]]) });

    expect(under.node.stats()).toMatchObject({ intent_queue: '1' });
    // Far enough above, that no push/pull among those who hold it as left draws level.
    expect(under.state().statusLTimes.get('beta')).toBe(72);

    under.mergeState({ statusLTimes: new Map([['beta', 72]]) });
    expect(under.state().statusLTimes.get('beta')).toBe(72);
    expect(under.node.stats()).toMatchObject({ intent_queue: '1' });
  });

  test('does not make a node that leaves stay', () => {
    const network = new Network();
    const [beta] = network.cluster('beta', 'gamma');
    if (beta === undefined) throw new Error('empty');
    beta.feed({ type: 'leave', request: 1 });

    beta.mergeState({ statusLTimes: new Map([['beta', 50]]) });

    expect(beta.node.local.status).toBe('leaving');
  });

  test.each([
    ['garbage', Uint8Array.of(2, 0xc1)],
    ['a message of another kind', hex('0182a54c54696d6503a44e6f6465a3666f6f')],
    ['a message of no kind', Uint8Array.of(99, 0x80)],
  ])('is not %s', (_, userState) => {
    const under = alone();
    const stats = under.node.stats();

    const outputs = under.feed({
      type: 'pushPullRequest',
      exchange: 1,
      state: { join: false, nodes: [], userState },
      from: { host: '10.0.0.2', port: 7_946 },
    });

    expect(outputs).toContainEqual(expect.objectContaining({ code: 'badMessage' }));
    expect(under.node.stats()).toEqual(stats);
  });
});

test('a node that comes back after a leave gets rid of its mark, though it announces nothing (weakness 5)', () => {
  const network = new Network();
  const [alpha, beta, gamma] = network.cluster('alpha', 'beta', 'gamma');
  if (alpha === undefined || beta === undefined || gamma === undefined) throw new Error('empty');
  gamma.feed({ type: 'leave', request: 1 });
  network.runFor(5_000);
  gamma.isUp = false;

  const again = network.start('gamma', {}, gamma.endpoint.port);
  again.feed({ type: 'pushPullReady', exchange: 0, join: true });
  network.perform(again, { type: 'pushPull', to: alpha.endpoint, node: 'alpha', join: true });
  network.runFor(20_000);

  for (const each of [alpha, beta, again]) {
    expect(each.statuses()).toEqual(['alpha alive', 'beta alive', 'gamma alive']);
    expect(each.state().leftMembers).toEqual([]);
  }
});

test('a member that missed what was said about it is alive again for those it exchanges states with', () => {
  const network = new Network();
  const [alpha, beta] = network.cluster('alpha', 'beta');
  if (alpha === undefined || beta === undefined) throw new Error('empty');
  // Deaf for longer than the leave is gossiped, and not long enough to be failed.
  beta.isUp = false;
  alpha.hear({ type: 'leave', ltime: 30, node: 'beta', prune: false });
  network.runFor(1_500);
  expect(alpha.node.stats()).toMatchObject({ intent_queue: '0' });
  expect(alpha.node.member('beta')?.status).toBe('leaving');

  beta.mergeState(alpha.state());
  alpha.mergeState(beta.state());

  expect(alpha.node.member('beta')?.status).toBe('alive');
});
