import { describe, expect, test } from 'vitest';
import { Network, type NodeUnderTest } from './nodes-under-test.js';

/** memberlist's message types (spec/01 §3). */
const deadByte = 5;
const userByte = 8;

function pair(): { network: Network; alpha: NodeUnderTest; beta: NodeUnderTest } {
  const network = new Network();
  const [alpha, beta] = network.cluster('alpha', 'beta');
  if (alpha === undefined || beta === undefined) throw new Error('the cluster is empty');
  return { network, alpha, beta };
}

/** Lets a node stop without a word, and waits until the others have noticed. */
function kill(network: Network, node: NodeUnderTest): void {
  node.isUp = false;
  network.runFor(30_000);
}

describe('a leave', () => {
  test('tells its intent first, then the membership layer, and ends after the delay', () => {
    const { network, alpha, beta } = pair();
    network.carried.length = 0;

    const outputs = alpha.feed({ type: 'leave', request: 1 });

    expect(alpha.node.state).toBe('leaving');
    expect(alpha.node.local.status).toBe('leaving');
    expect(outputs).toEqual([
      { type: 'memberChanged', member: alpha.node.local },
      {
        type: 'schedule',
        timer: { type: 'broadcastWait', request: 1 },
        atMs: network.nowMs + 5_000,
      },
    ]);
    network.runFor(10_000);
    expect(alpha.result(1)).toBe('ok');
    expect(alpha.node.state).toBe('left');
    expect(network.carried[0]?.message).toEqual({
      type: 'leave',
      ltime: 2,
      node: 'alpha',
      prune: false,
    });
    expect(beta.statuses()).toEqual(['alpha left', 'beta alive']);
    expect(beta.events.slice(2)).toEqual(['member-leave alpha']);
    expect(alpha.events.slice(2)).toEqual(['member-leave alpha']);
    expect(alpha.outputs).not.toContainEqual(expect.objectContaining({ code: 'leaveIncomplete' }));
    expect(beta.node.stats()).toMatchObject({ intent_queue: '0', left: '1' });
  });

  test('says its intent again with the goodbye, later than what a push/pull may have told of the first', () => {
    const { network, alpha } = pair();
    network.carried.length = 0;
    alpha.feed({ type: 'leave', request: 1 });

    network.runFor(10_000);

    const intents = network.carried.filter(
      ({ from, message }) => from.port === alpha.endpoint.port && message.type === 'leave',
    );
    const times = intents.map(({ message }) => (message.type === 'leave' ? message.ltime : 0));
    expect([...new Set(times)]).toEqual([2, 4]);
    const packets = alpha.outputs.filter((output) => output.type === 'packet');
    const goodbyes = packets.filter(({ parts }) => parts.some(([type]) => type === deadByte));
    expect(goodbyes.length).toBeGreaterThan(0);
    expect(goodbyes.every(({ parts }) => parts.some(([type]) => type === userByte))).toBe(true);
  });

  test('is followed by the propagation delay and no more when the node is alone', () => {
    const network = new Network();
    const alpha = network.start('alpha');

    alpha.feed({ type: 'leave', request: 1 });
    expect(alpha.node.local.status).toBe('left');
    network.runFor(999);
    expect(alpha.result(1)).toBeUndefined();
    network.runFor(1);

    expect(alpha.result(1)).toBe('ok');
    expect(alpha.events).toEqual(['member-join alpha', 'member-leave alpha']);
    expect(alpha.node.stats()).toMatchObject({ intent_queue: '0', left: '1', failed: '0' });
  });

  test('of both nodes of a cluster at one moment ends for both, long before any time limit', () => {
    const { network, alpha, beta } = pair();

    alpha.feed({ type: 'leave', request: 1 });
    beta.feed({ type: 'leave', request: 1 });
    network.runFor(2_500);

    expect([alpha.result(1), beta.result(1)]).toEqual(['ok', 'ok']);
    expect(alpha.statuses()).toEqual(['alpha left', 'beta left']);
    expect(beta.statuses()).toEqual(['alpha left', 'beta left']);
  });

  test('does not wait for a peer that failed meanwhile', () => {
    const { network, alpha, beta } = pair();
    kill(network, beta);
    expect(alpha.statuses()).toEqual(['alpha alive', 'beta failed']);

    alpha.feed({ type: 'leave', request: 1 });
    network.runFor(1_000);

    expect(alpha.result(1)).toBe('ok');
  });

  test('goes on when its messages cannot leave, and says which step was incomplete', () => {
    const { network, alpha } = pair();
    // Nothing of the layer below runs any more: its queue stands still.
    alpha.isUp = false;
    const feedTimer = (type: string) => {
      const wait = alpha.outputs.findLast(
        (output) =>
          output.type === 'schedule' &&
          (output.timer.type === 'swim' ? output.timer.timer.type : output.timer.type) === type,
      );
      if (wait?.type !== 'schedule') throw new Error(`no ${type} is waited for`);
      network.nowMs = wait.atMs;
      return alpha.feed({ type: 'timer', timer: wait.timer });
    };

    alpha.feed({ type: 'leave', request: 1 });
    const atIntent = feedTimer('broadcastWait');
    const atMembership = feedTimer('broadcastWait');
    feedTimer('leavePropagated');

    expect(atIntent).toContainEqual({ type: 'report', code: 'leaveIncomplete', step: 'intent' });
    expect(atMembership).toContainEqual({
      type: 'report',
      code: 'leaveIncomplete',
      step: 'membership',
    });
    expect(alpha.result(1)).toBe('ok');
    expect(alpha.node.state).toBe('left');
  });

  test('is refused while one is in progress, and done at once after one', () => {
    const network = new Network();
    const alpha = network.start('alpha');
    alpha.feed({ type: 'leave', request: 1 });

    expect(alpha.feed({ type: 'leave', request: 2 })).toEqual([
      { type: 'done', request: 2, error: 'Leave already in progress' },
    ]);
    network.runFor(1_000);
    expect(alpha.feed({ type: 'leave', request: 3 })).toEqual([
      { type: 'done', request: 3, error: undefined },
    ]);
    expect(alpha.outputs.filter((output) => output.type === 'done')).toHaveLength(3);
  });

  test('takes back no word: neither a forced leave nor a late join is answered (weakness 20)', () => {
    const { network, alpha } = pair();
    network.carried.length = 0;
    alpha.feed({ type: 'leave', request: 1 });

    const outputs = alpha.hear({ type: 'leave', ltime: 50, node: 'alpha', prune: true });
    alpha.feed({ type: 'joinCompleted', contacted: 1 });
    network.runFor(20_000);

    expect(outputs).not.toContainEqual(expect.objectContaining({ code: 'refutingLeave' }));
    expect(network.carried.map(({ message }) => message.type)).not.toContain('join');
    expect(alpha.node.local.status).toBe('left');
    expect(alpha.result(1)).toBe('ok');
  });

  test('and a return under the same name is seen as join, leave, join, leave', () => {
    const { network, alpha, beta } = pair();
    alpha.feed({ type: 'leave', request: 1 });
    network.runFor(5_000);
    alpha.isUp = false;
    network.runFor(5_000);

    const again = network.start('alpha', {}, alpha.endpoint.port);
    network.join(again, beta);
    network.runFor(5_000);
    expect(beta.statuses()).toEqual(['alpha alive', 'beta alive']);
    expect(again.statuses()).toEqual(['alpha alive', 'beta alive']);
    again.feed({ type: 'leave', request: 1 });
    network.runFor(5_000);

    expect(again.result(1)).toBe('ok');
    expect(beta.events.filter((event) => event.endsWith('alpha'))).toEqual([
      'member-join alpha',
      'member-leave alpha',
      'member-join alpha',
      'member-leave alpha',
    ]);
    expect(beta.node.stats()['intent_queue']).toBe('0');
    expect(again.node.stats()['intent_queue']).toBe('0');
  });
});

describe('a force-leave', () => {
  test('turns a failed member into one that left, everywhere', () => {
    const network = new Network();
    const [alpha, beta, gamma] = network.cluster('alpha', 'beta', 'gamma');
    if (alpha === undefined || beta === undefined || gamma === undefined) throw new Error('empty');
    kill(network, gamma);
    expect(beta.node.member('gamma')?.status).toBe('failed');

    alpha.feed({ type: 'forceLeave', request: 1, node: 'gamma', prune: false });
    expect(alpha.result(1)).toBeUndefined();
    network.runFor(10_000);

    expect(alpha.result(1)).toBe('ok');
    expect(alpha.outputs.filter((output) => output.type === 'done')).toHaveLength(1);
    for (const each of [alpha, beta]) {
      expect(each.node.member('gamma')?.status).toBe('left');
      expect(each.events.slice(-2)).toEqual(['member-failed gamma', 'member-leave gamma']);
      expect(each.state().leftMembers).toEqual(['gamma']);
    }
  });

  test('with prune makes a failed member disappear everywhere', () => {
    const network = new Network();
    const [alpha, beta, gamma] = network.cluster('alpha', 'beta', 'gamma');
    if (alpha === undefined || beta === undefined || gamma === undefined) throw new Error('empty');
    kill(network, gamma);

    alpha.feed({ type: 'forceLeave', request: 1, node: 'gamma', prune: true });
    network.runFor(5_000);

    for (const each of [alpha, beta]) {
      expect(each.statuses()).toEqual(['alpha alive', 'beta alive']);
      expect(each.events.slice(-2)).toEqual(['member-leave gamma', 'member-reap gamma']);
      expect(each.outputs).toContainEqual({ type: 'memberForgotten', name: 'gamma' });
    }
  });

  test('with prune of a member that left makes it disappear everywhere', () => {
    const network = new Network();
    const [alpha, beta, gamma] = network.cluster('alpha', 'beta', 'gamma');
    gamma?.feed({ type: 'leave', request: 1 });
    network.runFor(5_000);
    expect(beta?.node.member('gamma')?.status).toBe('left');

    alpha?.feed({ type: 'forceLeave', request: 1, node: 'gamma', prune: true });
    network.runFor(5_000);

    expect(alpha?.statuses()).toEqual(['alpha alive', 'beta alive']);
    expect(beta?.statuses()).toEqual(['alpha alive', 'beta alive']);
  });

  test.each([true, false])(
    'of a living member does not last, prune or not (%s) (weakness 4)',
    (prune) => {
      const network = new Network();
      const nodes = network.cluster('alpha', 'beta', 'gamma');

      nodes[0]?.feed({ type: 'forceLeave', request: 1, node: 'gamma', prune });
      expect(nodes[0]?.node.member('gamma')?.status).toBe('leaving');
      network.runFor(20_000);

      for (const each of nodes) {
        expect(each.statuses()).toEqual(['alpha alive', 'beta alive', 'gamma alive']);
        expect(each.events.some((event) => event.startsWith('member-reap'))).toBe(false);
      }
    },
  );

  test('of the only other member is heard by it, so that it can refute (weakness 4)', () => {
    const { network, alpha, beta } = pair();

    const outputs = alpha.feed({ type: 'forceLeave', request: 1, node: 'beta', prune: true });
    expect(outputs.at(-1)).toEqual({ type: 'done', request: 1, error: undefined });
    expect(alpha.node.member('beta')?.status).toBe('leaving');
    network.runFor(20_000);

    expect(alpha.statuses()).toEqual(['alpha alive', 'beta alive']);
    expect(beta.statuses()).toEqual(['alpha alive', 'beta alive']);
  });

  test('of this node itself is refuted and asks nobody to forget it', () => {
    const { network, alpha } = pair();
    network.carried.length = 0;

    alpha.feed({ type: 'forceLeave', request: 1, node: 'alpha', prune: true });
    network.runFor(5_000);

    expect(alpha.result(1)).toBe('ok');
    expect(alpha.node.local.status).toBe('alive');
    expect(network.carried.every(({ message }) => message.type === 'join')).toBe(true);
    expect(network.carried.length).toBeGreaterThan(0);
  });

  test('of an unknown name is spread all the same', () => {
    const { network, alpha } = pair();
    network.carried.length = 0;

    alpha.feed({ type: 'forceLeave', request: 1, node: 'nobody', prune: false });
    network.runFor(5_000);

    expect(alpha.result(1)).toBe('ok');
    expect(network.carried[0]?.message).toMatchObject({ type: 'leave', node: 'nobody' });
  });

  test('is done at once when nobody else is alive', () => {
    const network = new Network();
    const alpha = network.start('alpha');

    const outputs = alpha.feed({ type: 'forceLeave', request: 1, node: 'nobody', prune: false });

    expect(outputs).toEqual([{ type: 'done', request: 1, error: undefined }]);
    expect(alpha.node.stats()['intent_queue']).toBe('0');
  });

  test('ends with an error when its message does not leave in time', () => {
    const { network, alpha } = pair();
    alpha.isUp = false;
    alpha.feed({ type: 'forceLeave', request: 1, node: 'nobody', prune: false });

    network.nowMs += 5_000;
    alpha.feed({ type: 'timer', timer: { type: 'broadcastWait', request: 1 } });

    expect(alpha.result(1)).toBe('timed out broadcasting node removal');
  });

  test('of a name that nobody can have changes nothing', () => {
    const { alpha } = pair();
    const stats = alpha.node.stats();

    const outputs = alpha.feed({ type: 'forceLeave', request: 1, node: '', prune: true });

    expect(outputs).toEqual([{ type: 'done', request: 1, error: undefined }]);
    expect(alpha.node.stats()).toEqual(stats);
  });
});

test('timers of waits that are over have no effect', () => {
  const { alpha } = pair();

  for (const timer of [
    { type: 'broadcastWait', request: 99 },
    { type: 'leavePropagated' },
    { type: 'prune', node: 'beta', record: 1 },
    { type: 'prune', node: 'nobody', record: 1 },
  ] as const) {
    expect(alpha.feed({ type: 'timer', timer })).toEqual([]);
  }

  expect(alpha.statuses()).toEqual(['alpha alive', 'beta alive']);
});

describe('a leave of the same Lamport time as the join of a member that stays', () => {
  function drawn() {
    const clusters = pair();
    const { alpha, beta } = clusters;
    alpha.hear({ type: 'leave', ltime: 20, node: 'beta', prune: false });
    beta.hear({ type: 'join', ltime: 20, node: 'beta' });
    return clusters;
  }

  test('is said again, later, by who believes in it, and then contradicted', () => {
    const { network, alpha, beta } = drawn();
    network.runFor(20_000);
    expect(alpha.statuses()).toEqual(['alpha alive', 'beta leaving']);
    expect(beta.statuses()).toEqual(['alpha alive', 'beta alive']);

    network.runFor(40_000);

    expect(alpha.statuses()).toEqual(['alpha alive', 'beta alive']);
    expect(beta.outputs).toContainEqual(expect.objectContaining({ code: 'refutingLeave' }));
    expect(alpha.events).toEqual(['member-join alpha', 'member-join beta']);
  });

  test('is not said again once the member has gone', () => {
    const { network, alpha, beta } = drawn();
    kill(network, beta);
    expect(alpha.statuses()).toEqual(['alpha alive', 'beta left']);
    network.carried.length = 0;

    network.runFor(60_000);

    expect(network.carried.filter(({ message }) => message.type === 'leave')).toEqual([]);
  });
});
