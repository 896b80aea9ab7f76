import { describe, expect, test } from 'vitest';
import { encodeSerfMessage } from '../../src/wire/serf-codec.js';
import type { QueryMessage, SerfMessage } from '../../src/wire/serf-messages.js';
import { Network, type NodeUnderTest } from './nodes-under-test.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A cluster of three that knows each other, and whose packets of the Serf layer can be looked at. */
function three(): {
  network: Network;
  alpha: NodeUnderTest;
  beta: NodeUnderTest;
  gamma: NodeUnderTest;
} {
  const network = new Network();
  const [alpha, beta, gamma] = network.cluster('alpha', 'beta', 'gamma');
  if (alpha === undefined || beta === undefined || gamma === undefined) throw new Error('empty');
  network.carried.length = 0;
  return { network, alpha, beta, gamma };
}

const carried = (network: Network, type: SerfMessage['type']) =>
  network.carried.filter(({ message }) => message.type === type);

test('a query reaches everybody once; acks and answers come back, the own ones too', () => {
  const { network, alpha, beta, gamma } = three();
  for (const node of [alpha, beta, gamma]) node.answer = bytes(`I am ${node.node.local.name}`);

  alpha.ask('who', { payload: bytes('?') });
  network.runFor(30_000);

  expect(alpha.result(1)).toBe('ok');
  expect(alpha.acks()).toEqual(['alpha', 'beta', 'gamma']);
  expect(alpha.responses()).toEqual(['alpha: I am alpha', 'beta: I am beta', 'gamma: I am gamma']);
  expect(alpha.ended()).toMatchObject({ request: 1, acks: 3, responses: 3, early: false });
  for (const node of [alpha, beta, gamma]) {
    expect(node.queries).toMatchObject([
      { name: 'who', payload: bytes('?'), from: 'alpha', ltime: 1 },
    ]);
  }
  expect(alpha.node.counters).toMatchObject({ queries: 1, queryAcks: 3, queryResponses: 3 });
});

test('what is told of a query comes in order: started, sent, answers, done', () => {
  const { network, alpha } = three();
  alpha.outputs.length = 0;

  alpha.ask('who');
  network.runFor(30_000);

  const told = alpha.outputs
    .map(({ type }) => type)
    .filter((type) => type.startsWith('query') || type === 'done');
  expect(told.slice(0, 3)).toEqual(['queryStarted', 'done', 'queryAck']);
  expect(told.at(-1)).toBe('queryDone');
});

test('the default timeout grows with the cluster; one that is given counts', () => {
  const { network, alpha } = three();
  const startMs = network.nowMs;

  expect(alpha.ask('who')).toContainEqual({
    type: 'queryStarted',
    request: 1,
    // 100 ms, sixteen times, for up to nine members.
    deadlineMs: startMs + 1_600,
  });
  expect(alpha.ask('who', { timeoutMs: 250 })).toContainEqual({
    type: 'queryStarted',
    request: 1,
    deadlineMs: startMs + 250,
  });
  expect(alpha.queries.map(({ deadlineMs }) => deadlineMs - startMs)).toEqual([1_600, 250]);
});

test('the query that travels is filled in as Serf fills it in', () => {
  const { network, alpha } = three();

  alpha.ask('uptime', {
    payload: bytes('hello'),
    timeoutMs: 2_000,
    filterNodes: ['beta'],
    filterTags: { role: '^w' },
    relayFactor: 1,
  });
  network.runFor(2_000);

  expect(carried(network, 'query')[0]?.message).toEqual({
    type: 'query',
    ltime: 1,
    id: expect.any(Number),
    address: Uint8Array.of(10, 0, 0, 1),
    port: alpha.endpoint.port,
    sourceNode: 'alpha',
    filters: ['0091a462657461', '0182a445787072a25e77a3546167a4726f6c65'].map((hex) =>
      Uint8Array.from(Buffer.from(hex, 'hex')),
    ),
    flags: 1,
    relayFactor: 1,
    timeout: 2e9,
    name: 'uptime',
    payload: bytes('hello'),
  });
});

describe('refused in Serf’s words, and nothing is sent:', () => {
  const refused = (changes: Parameters<NodeUnderTest['ask']>[1], name = 'who', options = {}) => {
    const under = new Network().start('alpha', options);
    under.ask(name, changes);
    expect(under.node.stats()).toMatchObject({ query_queue: '0', query_time: '1' });
    expect(under.outputs.filter(({ type }) => type.startsWith('query'))).toEqual([]);
    return under.result(1);
  };

  test('a query that is too large', () => {
    expect(refused({ payload: new Uint8Array(1_024) })).toBe('query exceeds limit of 1024 bytes');
  });

  test('a reserved name, but for the ping without a payload', () => {
    const error = "Queries cannot contain the '_serf_' prefix";
    expect(refused({}, '_serf_x')).toBe(error);
    expect(refused({ payload: bytes('x') }, '_serf_ping')).toBe(error);
    expect(refused({}, '_serf_list-keys')).toBe(error);
  });

  test('a node of an old protocol', () => {
    expect(refused({}, 'who', { protocol: 3 })).toBe('Feature not supported');
  });

  test('a relay factor that no byte can hold', () => {
    expect(refused({ relayFactor: 256 })).toContain('between 0 and 255');
  });
});

test('a larger query goes where the limit is raised', () => {
  const under = new Network().start('alpha', { querySizeLimit: 2_048 });

  under.ask('who', { payload: new Uint8Array(1_024) });

  expect(under.result(1)).toBe('ok');
});

test('only those answer whom the filters name', () => {
  const network = new Network();
  const [alpha, beta] = ['alpha', 'beta', 'gamma'].map((name) =>
    network.start(name, { tags: { role: name === 'beta' ? 'web' : 'db' } }),
  ) as [NodeUnderTest, NodeUnderTest, NodeUnderTest];
  network.join(beta, alpha);
  network.runFor(3_000);

  alpha.ask('who', { filterTags: { role: '^w' } });
  network.runFor(20_000);

  expect(alpha.acks()).toEqual(['beta']);
  expect(alpha.queries).toEqual([]);
});

test('the ping of the cluster is acked by all, and shown to no application', () => {
  const { network, alpha, beta } = three();

  alpha.ask('_serf_ping');
  network.runFor(20_000);

  expect(alpha.acks()).toEqual(['alpha', 'beta', 'gamma']);
  expect([...alpha.queries, ...beta.queries]).toEqual([]);
});

describe('answering', () => {
  const asked = () => {
    const all = three();
    all.alpha.ask('who', { timeoutMs: 5_000 });
    all.network.runFor(3_000);
    const query = all.beta.queries[0]?.query ?? -1;
    const respond = (payload: Uint8Array, request = 7) => {
      all.beta.feed({ type: 'respond', request, query, payload });
      return all.beta.result(request);
    };
    return { ...all, respond };
  };

  test('works once', () => {
    const { respond } = asked();

    expect(respond(bytes('one'))).toBe('ok');
    expect(respond(bytes('two'), 8)).toBe('failed to respond to key query: response already sent');
  });

  test('works until the deadline', () => {
    const { network, respond } = asked();
    network.runFor(2_500);

    expect(respond(bytes('late'))).toBe(
      'failed to respond to key query: response is past the deadline',
    );
  });

  test('of a query that never was fails like a late one', () => {
    const { beta } = three();

    beta.feed({ type: 'respond', request: 7, query: 99, payload: bytes('x') });

    expect(beta.result(7)).toBe('failed to respond to key query: response is past the deadline');
  });

  test('more than a packet holds goes by stream, byte for byte', () => {
    const { network, alpha, beta, respond } = asked();
    const payload = new Uint8Array(100_000).fill(65);

    expect(respond(payload)).toBe('ok');
    network.runFor(100);

    expect(beta.outputs.some(({ type }) => type === 'streamUser')).toBe(true);
    expect(alpha.responses()).toEqual([`beta: ${'A'.repeat(100_000)}`]);
  });

  test('more than a stream may hold is refused, and the query can still be answered', () => {
    const { respond } = asked();

    expect(respond(new Uint8Array(1_048_577))).toBe(
      'failed to respond to key query: response exceeds limit of 1048576 bytes',
    );
    expect(respond(bytes('short'), 8)).toBe('ok');
  });
});

describe('what comes back', () => {
  const response = (changes: object = {}) => ({
    type: 'queryResponse' as const,
    ltime: 1,
    id: 0,
    from: 'beta',
    flags: 0,
    payload: bytes('x'),
    ...changes,
  });

  function asking(changes: Parameters<NodeUnderTest['ask']>[1] = {}) {
    const network = new Network();
    const alpha = network.start('alpha');
    alpha.ask('who', { timeoutMs: 1_000, ...changes });
    const { id } = alpha.queries[0] ?? { id: -1 };
    return { network, alpha, id };
  }

  test('counts once for each sender, acks and answers apart', () => {
    const { alpha, id } = asking();

    for (const flags of [0, 0, 1, 1]) alpha.hear(response({ id, flags }));

    expect(alpha.acks()).toEqual(['alpha', 'beta']);
    expect(alpha.responses()).toEqual(['beta: x']);
    expect(alpha.node.counters).toMatchObject({
      queryDuplicateAcks: 1,
      queryDuplicateResponses: 1,
      badMessages: 0,
    });
  });

  test('is refused when it answers nothing that was asked here', () => {
    const { alpha, id } = asking();

    alpha.hear(response({ id: id + 1 }));
    alpha.hear(response({ id, ltime: 2 }));

    expect(alpha.responses()).toEqual([]);
    expect(alpha.node.counters.badMessages).toBe(2);
  });

  test('is refused after the deadline', () => {
    const { network, alpha, id } = asking();
    network.runFor(1_001);

    alpha.hear(response({ id }));

    expect(alpha.responses()).toEqual([]);
    expect(alpha.ended()).toMatchObject({ acks: 1, responses: 0 });
  });

  test('is no ack where none was wanted', () => {
    const { alpha, id } = asking({ requestAck: false });

    alpha.hear(response({ id, flags: 1 }));

    expect(alpha.acks()).toEqual([]);
  });

  test('of senders without end is cut off', () => {
    const { alpha, id } = asking();

    for (let index = 0; index < 200; index += 1) {
      alpha.hear(response({ id, from: `ghost ${index}` }));
    }

    expect(alpha.responses()).toHaveLength(64);
    expect(alpha.node.counters.badMessages).toBe(136);
  });

  test('may come from who joined after the question (weakness 8)', () => {
    const { alpha, id } = asking();

    for (const from of ['late 1', 'late 2', 'late 3']) alpha.hear(response({ id, from }));

    expect(alpha.responses()).toHaveLength(3);
  });

  test('two queries of one moment are two (weakness 8)', () => {
    const under = new Network().start('alpha');
    under.feed({
      type: 'query',
      request: 1,
      query: { ...defaults, name: 'one' },
    });
    under.feed({ type: 'query', request: 2, query: { ...defaults, name: 'two' } });

    expect(under.queries.map(({ ltime }) => ltime)).toEqual([1, 2]);
    const acked = under.outputs.flatMap((each) => (each.type === 'queryAck' ? [each.request] : []));
    expect(acked).toEqual([1, 2]);
  });

  const defaults = {
    payload: bytes(''),
    filterNodes: [],
    filterTags: {},
    requestAck: true,
    relayFactor: 0,
    timeoutMs: 0,
    endEarly: false,
  };
});

describe('a query that may end early', () => {
  test('ends when all have acked and answered', () => {
    const { network, alpha, beta, gamma } = three();
    for (const node of [alpha, beta, gamma]) node.answer = bytes('yes');
    const startMs = network.nowMs;

    alpha.ask('who', { endEarly: true, timeoutMs: 20_000 });
    while (alpha.ended() === undefined && network.nowMs < startMs + 20_000) network.runFor(10);

    expect(alpha.ended()).toMatchObject({ acks: 3, responses: 3, early: true });
    expect(network.nowMs - startMs).toBeLessThan(20_000);
    network.runFor(30_000);
    expect(alpha.outputs.filter(({ type }) => type === 'queryDone')).toHaveLength(1);
  });

  test('waits for nobody that the filters leave out, and ends at once where they leave out all', () => {
    const { alpha } = three();
    alpha.answer = bytes('yes');

    alpha.ask('who', { endEarly: true, filterNodes: ['alpha'] });
    expect(alpha.ended()).toMatchObject({ acks: 1, responses: 1, early: true });

    const { beta } = three();
    beta.ask('who', { endEarly: true, filterTags: { role: 'n[' } });
    expect(beta.ended()).toMatchObject({ acks: 0, responses: 0, early: true });
  });

  test('does not wait for who is gone', () => {
    const { network, alpha, beta, gamma } = three();
    for (const node of [alpha, beta]) node.answer = bytes('yes');
    gamma.isUp = false;

    alpha.ask('who', { endEarly: true, timeoutMs: 120_000 });
    network.runFor(60_000);

    expect(alpha.ended()).toMatchObject({ acks: 2, responses: 2, early: true });
  });

  test('needs no answers when it is the cluster’s ping', () => {
    const under = new Network().start('alpha');

    under.ask('_serf_ping', { endEarly: true });

    expect(under.ended()).toMatchObject({ acks: 1, responses: 0, early: true });
  });

  test('late copies of what it heard are no bad messages', () => {
    const under = new Network().start('alpha');
    under.answer = bytes('yes');
    under.ask('who', { endEarly: true });
    const { id = -1 } = under.queries[0] ?? {};

    const copy = { type: 'queryResponse', ltime: 1, id, from: 'alpha', flags: 1 } as const;
    under.hear({ ...copy, payload: undefined });

    expect(under.node.counters.badMessages).toBe(0);
  });
});

describe('relays', () => {
  test('carry copies of acks and answers, which count once', () => {
    const { network, alpha, beta, gamma } = three();
    for (const node of [alpha, beta, gamma]) node.answer = bytes('yes');

    alpha.ask('who', { relayFactor: 2, timeoutMs: 20_000 });
    network.runFor(25_000);

    // Each of the other two asks the third: neither asks the one that is asking, nor itself.
    expect(carried(network, 'relay')).toHaveLength(4);
    expect(alpha.ended()).toMatchObject({ acks: 3, responses: 3 });
    expect(alpha.node.counters).toMatchObject({
      queryDuplicateAcks: 2,
      queryDuplicateResponses: 2,
    });
  });

  test('bring an answer home when the straight way is cut', () => {
    const { alpha, beta, gamma } = three();
    const query = queryOf(alpha, { relayFactor: 1 });
    const before = gamma.outputs.length;

    const outputs = beta.hear(query);

    const relay = outputs.flatMap((each) => (each.type === 'packet' ? [each] : []));
    expect(relay.some(({ to }) => to.port === gamma.endpoint.port)).toBe(true);
    expect(gamma.outputs).toHaveLength(before);
  });

  test('are not asked for where the members are too few', () => {
    const { network, beta, alpha } = three();
    beta.hear(queryOf(alpha, { relayFactor: 3 }));

    expect(carried(network, 'relay')).toEqual([]);
  });

  test('are not asked for an answer that they could not carry; that is said, and the answer counts (weakness 7)', () => {
    const { alpha, beta } = three();
    beta.answer = new Uint8Array(970);

    const outputs = beta.hear(queryOf(alpha, { relayFactor: 1, flags: 0 }));
    beta.outputs.push(...outputs);

    expect(beta.outputs).toContainEqual({ type: 'report', code: 'relayTooLarge', limit: 1_024 });
    expect(beta.result(1_001)).toBe('ok');
    beta.feed({
      type: 'respond',
      request: 9,
      query: beta.queries[0]?.query ?? 0,
      payload: bytes(''),
    });
    expect(beta.result(9)).toContain('already sent');
  });

  const relay = (changes: object = {}) => ({
    type: 'relay' as const,
    address: Uint8Array.of(10, 0, 0, 1),
    port: 7_000,
    zone: '',
    node: 'alpha',
    inner: encodeSerfMessage({
      type: 'queryResponse',
      ltime: 1,
      id: 1,
      from: 'gamma',
      flags: 1,
      payload: undefined,
    }),
    ...changes,
  });

  test('pass on what is for a member, byte for byte', () => {
    const { beta, alpha } = three();

    const outputs = beta.hear(relay());

    expect(outputs).toMatchObject([
      { type: 'packet', to: alpha.endpoint, parts: [Uint8Array.of(8, ...relay().inner)] },
    ]);
  });

  test.each([
    ['to a foreign address', { address: Uint8Array.of(192, 0, 2, 1) }],
    ['to a foreign port', { port: 53 }],
    ['of anything but a query response', { inner: Uint8Array.of(3, 0x80) }],
    ['of a relay', { inner: Uint8Array.of(9, 0x80) }],
  ])('pass on nothing %s (weakness 9)', (_, changes) => {
    const { beta } = three();

    const outputs = beta.hear(relay(changes));

    expect(outputs).toMatchObject([{ type: 'report', code: 'badMessage' }]);
    expect(beta.node.counters.badMessages).toBe(1);
  });

  test('take what is for this node itself', () => {
    const under = new Network().start('alpha');
    under.ask('who');
    const { id = -1, ltime = -1 } = under.queries[0] ?? {};
    const inner = encodeSerfMessage({
      type: 'queryResponse',
      ltime,
      id,
      from: 'gamma',
      flags: 1,
      payload: undefined,
    });

    under.hear(relay({ inner }));

    expect(under.acks()).toEqual(['alpha', 'gamma']);
  });

  function queryOf(node: NodeUnderTest, changes: Partial<QueryMessage>): QueryMessage {
    return {
      type: 'query',
      ltime: 9,
      id: 5,
      address: node.node.local.address,
      port: node.endpoint.port,
      sourceNode: node.node.local.name,
      filters: undefined,
      flags: 1,
      relayFactor: 0,
      timeout: 1e9,
      name: 'who',
      payload: undefined,
      ...changes,
    };
  }
});

test('a query that asks to be answered at no address is handed on, and answering it does no harm', () => {
  const under = new Network().start('alpha');

  under.hear({
    type: 'query',
    ltime: 9,
    id: 5,
    address: Uint8Array.of(1, 2, 3),
    port: 0,
    sourceNode: '',
    filters: undefined,
    flags: 1,
    relayFactor: 200,
    timeout: -1,
    name: 'who',
    payload: undefined,
  });

  expect(under.queries).toHaveLength(1);
  under.feed({
    type: 'respond',
    request: 7,
    query: under.queries[0]?.query ?? 0,
    payload: bytes(''),
  });
  expect(under.result(7)).toContain('past the deadline');
});
