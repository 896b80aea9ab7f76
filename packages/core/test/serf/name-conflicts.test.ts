import { describe, expect, test } from 'vitest';
import { ConflictVote } from '../../src/serf/conflict-vote.js';
import type { SerfOptions } from '../../src/serf/options.js';
import { encodeSerfMessage } from '../../src/wire/serf-codec.js';
import type { ConflictMember, QueryMessage } from '../../src/wire/serf-messages.js';
import { Network, type NodeUnderTest } from './nodes-under-test.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** "beta" lives in a cluster of three when a second "beta" comes. */
function withRival(changes: Partial<SerfOptions> = {}) {
  const network = new Network();
  const [alpha, beta, gamma] = network.cluster('alpha', 'beta', 'gamma');
  if (alpha === undefined || beta === undefined || gamma === undefined) throw new Error('empty');
  const rival = network.start('beta', changes, 7_777);
  return { network, alpha, beta, gamma, rival };
}

const hasLost = (node: NodeUnderTest) => node.outputs.some(({ type }) => type === 'conflictLost');
const votes = (node: NodeUnderTest) =>
  node.outputs.filter((each) => each.type === 'report' && each.code === 'conflictVote');

test('the newcomer loses the vote on a name that is taken, and the other stays', () => {
  const { network, alpha, beta, rival } = withRival();

  network.join(rival, alpha);
  network.runFor(15_000);

  expect(hasLost(rival)).toBe(true);
  expect(hasLost(beta)).toBe(false);
  expect(votes(rival)[0]).toMatchObject({ won: false, matching: 0 });
  expect(alpha.node.member('beta')?.port).toBe(beta.endpoint.port);
});

test('two rivals with nobody to ask both stay (weakness 10)', () => {
  const network = new Network();
  const one = network.start('beta', {}, 7_001);
  const other = network.start('beta', {}, 7_002);

  network.join(one, other);
  network.runFor(15_000);

  expect([one, other].some(hasLost)).toBe(false);
});

test('a node that keeps its name without asking asks nobody', () => {
  const { network, alpha, rival } = withRival({ disableNameResolution: true });

  network.join(rival, alpha);
  network.runFor(15_000);

  expect(hasLost(rival)).toBe(false);
  expect(votes(rival)).toEqual([]);
});

test('one vote at a time is held, and not one for each message', () => {
  const { network, alpha, beta, rival } = withRival();
  network.join(rival, alpha);
  network.carried.length = 0;

  network.runFor(9_000);

  const asked = network.carried.flatMap(({ message }) =>
    message.type === 'query' && message.name === '_serf_conflict' ? [message.id] : [],
  );
  expect(new Set(asked).size).toBeLessThanOrEqual(2);
  expect(beta.node.local.status).toBe('alive');
});

test('a node that was killed and is back on another address keeps its name, though the others still hold the old one', () => {
  const { network, alpha, beta, rival } = withRival();
  beta.isUp = false;

  network.join(rival, alpha);
  network.runFor(9_000);

  expect(hasLost(rival)).toBe(false);
  expect(rival.outputs).toContainEqual({
    type: 'report',
    code: 'rivalSilent',
    rival: `10.0.0.1:${beta.endpoint.port}`,
  });
  network.runFor(120_000);
  expect(hasLost(rival)).toBe(false);
  expect(
    rival.outputs.filter((each) => each.type === 'report' && each.code === 'rivalSilent'),
  ).toHaveLength(1);
  expect(alpha.node.member('beta')).toMatchObject({ port: 7_777, status: 'alive' });
});

describe('a member that is asked about a name', () => {
  function asked(name: Uint8Array | undefined) {
    const network = new Network();
    const [alpha, beta] = network.cluster('alpha', 'beta');
    if (alpha === undefined || beta === undefined) throw new Error('empty');
    const query: QueryMessage = {
      type: 'query',
      ltime: 9,
      id: 5,
      address: beta.node.local.address,
      port: beta.endpoint.port,
      sourceNode: 'beta',
      filters: undefined,
      flags: 0,
      relayFactor: 0,
      timeout: 1e9,
      name: '_serf_conflict',
      payload: name,
    };
    network.carried.length = 0;
    alpha.hear(query);
    const answers = network.carried.flatMap(({ message }) =>
      message.type === 'queryResponse' ? [message.payload] : [],
    );
    return { alpha, beta, answers };
  }

  test('says where it knows it', () => {
    const { answers, beta } = asked(bytes('beta'));

    const member: ConflictMember = {
      name: 'beta',
      address: Uint8Array.of(10, 0, 0, 1),
      port: beta.endpoint.port,
      tags: {},
      status: 1,
      protocolMin: 1,
      protocolMax: 5,
      protocolCurrent: 2,
      delegateMin: 2,
      delegateMax: 5,
      delegateCurrent: 5,
    };
    expect(answers).toEqual([encodeSerfMessage({ type: 'conflictResponse', member })]);
  });

  test('says that it does not know it', () => {
    const unknown = Uint8Array.of(6, 0xc0);

    expect(asked(bytes('nobody')).answers).toEqual([unknown]);
    expect(asked(undefined).answers).toEqual([unknown]);
    expect(asked(Uint8Array.of(0xff)).answers).toEqual([unknown]);
  });

  test('has no vote on its own', () => {
    expect(asked(bytes('alpha')).answers).toEqual([]);
  });
});

test('an answer that is longer than a packet has no vote: to read it would take seconds', () => {
  const own = { address: Uint8Array.of(10, 0, 0, 1), port: 7_000 };
  const vote = new ConflictVote(own, { host: '10.0.0.2', port: 7_000 }, () => undefined);
  const versions = {
    protocolMin: 1,
    protocolMax: 5,
    protocolCurrent: 2,
    delegateMin: 2,
    delegateMax: 5,
    delegateCurrent: 5,
  };
  const tags = { role: 'x'.repeat(65_507) };
  const member: ConflictMember = { name: 'beta', ...own, tags, status: 1, ...versions };

  vote.response('alpha', encodeSerfMessage({ type: 'conflictResponse', member }));
  expect(vote.responses).toBe(0);
  vote.response('gamma', encodeSerfMessage({ type: 'conflictResponse', member: undefined }));
  expect(vote.responses).toBe(1);
});

test('a query of the reserved prefix that no node answers is counted, and shown to no application', () => {
  const under = new Network().start('alpha');

  under.hear({
    type: 'query',
    ltime: 9,
    id: 5,
    address: Uint8Array.of(10, 9, 9, 9),
    port: 7_946,
    sourceNode: 'x',
    filters: undefined,
    flags: 0,
    relayFactor: 0,
    timeout: 1e9,
    name: '_serf_self-destruct',
    payload: undefined,
  });

  expect(under.queries).toEqual([]);
  expect(under.node.counters.badMessages).toBe(1);
});
