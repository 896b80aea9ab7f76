import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SerfInput } from '../../src/serf/input.js';
import type { SerfOutput } from '../../src/serf/output.js';
import { MsgpackWriter } from '../../src/wire/msgpack-writer.js';
import { encodeSerfMessage } from '../../src/wire/serf-codec.js';
import type { QueryMessage } from '../../src/wire/serf-messages.js';
import { serfMessage } from '../wire/arbitrary-messages.js';
import { Network, type NodeUnderTest } from './nodes-under-test.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A body of the Serf layer as a peer may put it together, field by field. */
function body(type: number, fields: (writer: MsgpackWriter) => void, count: number): Uint8Array {
  const writer = new MsgpackWriter('gossip');
  writer.byte(type).mapHeader(count);
  fields(writer);
  return writer.finish();
}

/** Everything of a node that a message could have changed. */
const shown = (under: NodeUnderTest) => ({
  stats: under.node.stats(),
  members: under.statuses(),
  events: under.userEvents.length,
  queries: under.queries.length,
  state: under.state(),
});

const query: QueryMessage = {
  type: 'query',
  ltime: 1,
  id: 1,
  address: Uint8Array.of(10, 9, 9, 9),
  port: 7_946,
  sourceNode: 'x',
  filters: undefined,
  flags: 0,
  relayFactor: 0,
  timeout: 1e9,
  name: 'load',
  payload: undefined,
};

const absurd = 2n ** 64n - 1n;
const notText = Uint8Array.of(0xff, 0xfe);

describe('refused, reported and counted, and nothing else changes:', () => {
  test.each([
    [
      'an event at the Lamport time 2^64 - 1',
      body(3, (w) => w.key('LTime').uint(absurd).key('Name').text('x'), 2),
    ],
    [
      'a query at the Lamport time 2^64 - 1',
      body(4, (w) => w.key('LTime').uint(absurd).key('Name').text('x'), 2),
    ],
    [
      'a join at the Lamport time 2^64 - 1',
      body(1, (w) => w.key('LTime').uint(absurd).key('Node').text('x'), 2),
    ],
    [
      'a query with an empty filter (weakness 6)',
      body(
        4,
        (w) => w.key('Filters').arrayHeader(1).bytes(new Uint8Array()).key('LTime').uint(5),
        2,
      ),
    ],
    [
      'an intent about a name that is not UTF-8',
      body(1, (w) => w.key('LTime').uint(5).key('Node').bytes(notText), 2),
    ],
    [
      'a query of more filters than it has',
      body(4, (w) => w.key('Filters').arrayHeader(100_000_000), 1),
    ],
    ['a relay to nowhere', body(9, (w) => w.key('DestName').text('x'), 1)],
    [
      'a relay to a foreign address',
      encodeSerfMessage({
        type: 'relay',
        address: Uint8Array.of(192, 0, 2, 1),
        port: 53,
        zone: '',
        node: 'alpha',
        inner: Uint8Array.of(5, 0x80),
      }),
    ],
    [
      'a key query of megabytes, by stream',
      encodeSerfMessage({
        ...query,
        name: '_serf_install-key',
        payload: new Uint8Array(4_000_000),
      }),
    ],
    [
      'an answer by a name that is longer than any member’s',
      body(5, (w) => w.key('From').text('x'.repeat(1_000_000)).key('LTime').uint(1), 2),
    ],
    ['a message of no known kind', Uint8Array.of(77, 0x80)],
  ])('%s', (_, message) => {
    const under = new Network().start('alpha');
    const before = shown(under);

    const outputs = under.hearBytes(message);

    expect(outputs).toMatchObject([{ type: 'report', code: 'badMessage' }]);
    expect(under.node.counters.badMessages).toBe(1);
    expect(shown(under)).toEqual(before);
  });
});

test.each(['install', 'use', 'remove'])(
  'a query to %s a key that names none is answered with a no, and not passed on: it would end agents of Serf 0.9.4 (weakness 6)',
  (operation) => {
    const under = new Network().start('alpha');

    const outputs = under.hear({ ...query, name: `_serf_${operation}-key` });

    expect(outputs.filter(({ type }) => type === 'packet')).toHaveLength(1);
    expect(under.node.stats()).toMatchObject({ query_queue: '0', query_time: '2' });
  },
);

test('a query to list keys needs no payload, and spreads', () => {
  const under = new Network().start('alpha');

  under.hear({ ...query, name: '_serf_list-keys' });

  expect(under.node.stats()).toMatchObject({ query_queue: '1' });
});

test('a query for tags that are not UTF-8 is for nobody, and spreads', () => {
  const under = new Network().start('alpha');
  const writer = new MsgpackWriter('gossip');
  writer.byte(1).mapHeader(2).key('Expr').text('.*').key('Tag').bytes(notText);

  under.hear({ ...query, filters: [writer.finish()] });

  expect(under.queries).toEqual([]);
  expect(under.node.counters.badMessages).toBe(1);
  expect(under.node.stats()).toMatchObject({ query_queue: '1' });
});

test('a query and an answer by names that are not UTF-8 arrive, with U+FFFD for what cannot be read', () => {
  const under = new Network().start('alpha');

  under.hearBytes(
    body(
      4,
      (w) => w.key('LTime').uint(5).key('Name').bytes(notText).key('SourceNode').bytes(notText),
      3,
    ),
  );
  under.ask('who');
  const { id = -1, ltime = -1 } = under.queries[1] ?? {};
  under.hearBytes(
    body(
      5,
      (w) =>
        w
          .key('From')
          .bytes(notText)
          .key('ID')
          .uint(id)
          .key('LTime')
          .uint(ltime)
          .key('Payload')
          .bytes(notText),
      4,
    ),
  );

  expect(under.queries[0]).toMatchObject({ name: '\ufffd\ufffd', from: '\ufffd\ufffd' });
  expect(under.outputs).toContainEqual({
    type: 'queryResponse',
    request: 1,
    from: '\ufffd\ufffd',
    payload: notText,
  });
});

test('a flood of queries that nobody answers holds so many and no more', () => {
  const under = new Network().start('alpha');
  for (let ltime = 1; ltime <= 5_000; ltime += 1) under.hear({ ...query, ltime, timeout: 1e15 });

  const respond = (index: number, request: number) => {
    const { query: handle = -1 } = under.queries[index] ?? {};
    under.feed({ type: 'respond', request, query: handle, payload: bytes('x') });
    return under.result(request);
  };

  expect(under.queries).toHaveLength(5_000);
  expect(respond(0, 1)).toContain('past the deadline');
  expect(respond(4_999, 2)).toBe('ok');
});

test('queries of this node’s own are so many at once and no more', () => {
  const under = new Network().start('alpha');
  for (let count = 0; count < 1_024; count += 1) under.ask('who', { timeoutMs: 60_000 });

  under.outputs.length = 0;
  under.ask('who');

  expect(under.result(1)).toBe('too many queries of this node run: 1024');
});

test('queries that their asker has ended are none of these', () => {
  const under = new Network().start('alpha');
  for (let count = 0; count < 1_024; count += 1) under.ask('who', { timeoutMs: 1e12 });
  under.feed({ type: 'endQuery', request: 2, query: 1 });
  expect(under.result(2)).toBe('ok');

  under.outputs.length = 0;
  under.ask('who');

  expect(under.result(1)).toBe('ok');
});

test('queries that ended early are none of these, however far their deadlines are', () => {
  const under = new Network().start('alpha');
  const early = { endEarly: true, filterNodes: ['nobody'], timeoutMs: 60_000 };
  for (let count = 0; count < 1_030; count += 1) under.ask('who', early);
  under.outputs.length = 0;

  under.ask('who');

  expect(under.result(1)).toBe('ok');
});

describe('whatever comes, in whatever order,', () => {
  const names = fc.constantFrom(
    'load',
    '_serf_ping',
    '_serf_conflict',
    '_serf_install-key',
    '_serf_use-key',
    '_serf_remove-key',
    '_serf_list-keys',
    '_serf_nothing',
  );
  const text = fc.string({ maxLength: 12 });
  const own: fc.Arbitrary<(request: number) => SerfInput> = fc.oneof(
    fc
      .record({ name: text, payload: fc.uint8Array({ maxLength: 600 }), coalesce: fc.boolean() })
      .map((event) => (request: number) => ({ type: 'userEvent' as const, request, ...event })),
    fc
      .record({
        name: fc.oneof(text, names),
        payload: fc.uint8Array({ maxLength: 20 }),
        filterNodes: fc.array(text, { maxLength: 2 }),
        filterTags: fc.dictionary(text, text, { maxKeys: 2 }),
        requestAck: fc.boolean(),
        relayFactor: fc.nat(300),
        timeoutMs: fc.constantFrom(
          0,
          -5,
          -1e300,
          1,
          300,
          Number.NaN,
          Number.POSITIVE_INFINITY,
          1e300,
        ),
        endEarly: fc.boolean(),
      })
      .map((asked) => (request: number) => ({ type: 'query' as const, request, query: asked })),
    fc
      .record({ query: fc.nat(30), payload: fc.uint8Array({ maxLength: 20 }) })
      .map((answer) => (request: number) => ({ type: 'respond' as const, request, ...answer })),
    fc
      .record({
        operation: fc.constantFrom('install', 'use', 'remove', 'list'),
        key: fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
        relayFactor: fc.nat(3),
      })
      .map((change) => (request: number) => ({ type: 'keys' as const, request, ...change })),
  );
  const internal = fc
    .record({
      name: names,
      payload: fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
    })
    .chain((part) =>
      fc.nat(1_000).map((id) => ({ ...query, ...part, id, flags: 1, relayFactor: 1 })),
    );
  const step = fc.oneof(own, serfMessage, internal, fc.constant('time passes' as const));

  test('no event is delivered twice, no query told twice, and each request ends once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const network = new Network();
        network.keys = [new Uint8Array(32)];
        const under = network.start('alpha');
        let request = 0;
        for (const each of steps) {
          if (each === 'time passes') network.runFor(400);
          else if (typeof each === 'function') {
            request += 1;
            under.feed(each(request));
          } else if (each.type !== 'state') under.hear(each);
        }
        network.runFor(60_000);

        const events = under.userEvents.map(
          ({ ltime, name, payload }) => `${ltime} ${name} ${payload}`,
        );
        expect(new Set(events).size).toBe(events.length);
        const asked = under.queries.map(({ ltime, id }) => `${ltime} ${id}`);
        expect(new Set(asked).size).toBe(asked.length);
        const ends = under.outputs.flatMap(endOf);
        expect(new Set(ends).size).toBe(ends.length);
        expect(under.queries.every(({ name }) => !name.startsWith('_serf_'))).toBe(true);
        expect(under.node.local.status).toBe('alive');
      }),
      { numRuns: 200 },
    );
  });

  /** What ends a request, one word for each kind of end. */
  function endOf(output: SerfOutput): string[] {
    switch (output.type) {
      case 'done':
      case 'queryStarted':
      case 'queryDone':
        return [`${output.type} ${output.request}`];
      // An operation on keys that went out ends so, and only so.
      case 'keysDone':
        return [`done ${output.request}`];
      default:
        return [];
    }
  }
});
