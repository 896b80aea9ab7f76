import { expect, test } from 'vitest';
import { acceptedLimit, exchangeLimit } from '../../src/engine/accepted-streams.js';
import { Counters } from '../../src/engine/counters.js';
import { ExchangeError } from '../../src/engine/exchanges.js';
import { Log } from '../../src/engine/log.js';
import { EngineMeasures } from '../../src/engine/metrics/engine-measures.js';
import { Streams } from '../../src/engine/streams.js';
import { ConnectionError } from '../../src/net/connection.js';
import type { TransportInput } from '../../src/serf/input.js';
import { encodeMessage } from '../../src/wire/message-codec.js';
import type { Ping, PushPullState } from '../../src/wire/messages.js';
import type { PacketSeal } from '../../src/wire/packet.js';
import { encodePushPull } from '../../src/wire/push-pull.js';
import {
  encodeErrorReply,
  encodeStreamUser,
  StreamDecoder,
  type StreamMessage,
  sealStream,
} from '../../src/wire/stream.js';
import { FakeConnection, RecorderWorld, remote, settled } from './recorder-world.js';

const plain: PacketSeal = {
  compression: false,
  keyring: undefined,
  label: '',
  verifyIncoming: true,
  verifyOutgoing: true,
};

const ping: Ping = {
  type: 'ping',
  sequence: 7,
  node: 'me',
  sourceAddress: undefined,
  sourcePort: 0,
  sourceNode: '',
};

const stateOf = (text: string): PushPullState => ({
  join: true,
  nodes: [],
  userState: new TextEncoder().encode(text),
});
const ours = stateOf('ours');
const theirs = stateOf('theirs');

/** Streams over a core that has a state to give and an opinion on what it gets. */
function setUp(
  options: { seal?: PacketSeal; state?: PushPullState | undefined; refusal?: string } = {},
) {
  const seal = options.seal ?? plain;
  const state = 'state' in options ? options.state : ours;
  const world = new RecorderWorld();
  const counters = new Counters();
  const inputs: TransportInput[] = [];
  const feed = (input: TransportInput): void => {
    inputs.push(input);
    if (input.type === 'pushPullReady' || input.type === 'pushPullRequest') {
      if (state !== undefined) streams.stateFor(input.exchange, state);
    }
    if (input.type === 'pushPullAnswer' || input.type === 'pushPullRequest') {
      streams.merged(input.exchange, options.refusal);
    }
  };
  const log = new Log(world);
  const streams: Streams = new Streams(
    { node: 'me', streamTimeoutMs: 5_000, seal },
    { world, log, counters, measures: new EngineMeasures(), keyWatch: undefined, feed },
  );
  return { world, counters, inputs, streams };
}

function readWith(role: 'accepting' | 'dialling', written: readonly Uint8Array[], seal = plain) {
  const decoder = new StreamDecoder(seal, role);
  let message: StreamMessage | undefined;
  for (const bytes of written) message = decoder.push(bytes) ?? message;
  return message;
}

const answerOf = (message: Uint8Array, seal = plain) => sealStream(message, seal, 'accepted');
const requestOf = (message: Uint8Array, seal = plain) => sealStream(message, seal, 'dialled');

test('an exchange sends our state, and hands over theirs', async () => {
  const { world, inputs, streams } = setUp();
  const connection = new FakeConnection(answerOf(encodePushPull(theirs)));
  world.connection = connection;

  await streams.pushPull(remote, true, true);

  expect(readWith('accepting', connection.written)).toEqual({ type: 'pushPull', state: ours });
  expect(inputs).toEqual([
    { type: 'pushPullReady', exchange: 1, join: true },
    { type: 'pushPullAnswer', exchange: 1, join: true, state: theirs, ignoreOld: true },
  ]);
  expect(connection.ending).toBe('destroyed');
});

test('a large state is sent uncompressed: packing it would hold up everything else', async () => {
  const seal = { ...plain, compression: true };
  const large = stateOf('x'.repeat(200 * 1024));
  const { world, streams } = setUp({ seal, state: large });
  const connection = new FakeConnection(answerOf(encodePushPull(theirs), seal));
  world.connection = connection;

  await streams.pushPull(remote, false, false);

  expect(connection.written[0]?.[0]).toBe(6);
  const sent = readWith('accepting', connection.written, seal);
  expect(sent?.type === 'pushPull' && sent.state.userState.length).toBe(200 * 1024);
});

test.each([
  [
    'a refused dial',
    new ConnectionError('dial tcp 10.0.0.9:7946: connect: connection refused'),
    'dial tcp 10.0.0.9:7946: connect: connection refused',
  ],
  ['no answer', new FakeConnection(undefined), /^EOF/],
  [
    'half an answer',
    new FakeConnection(answerOf(encodePushPull(theirs)).subarray(0, 20), undefined),
    'unexpected EOF',
  ],
  ['an error', new FakeConnection(answerOf(encodeErrorReply('no\nway'))), 'remote error: no\\nway'],
  [
    'another message',
    new FakeConnection(answerOf(encodeMessage({ type: 'ack', sequence: 1, payload: undefined }))),
    'a message of the kind ack instead of the state',
  ],
  ['garbage', new FakeConnection(Uint8Array.of(6, 0xff, 0xff)), /./],
  [
    'a broken stream',
    new FakeConnection(new ConnectionError('read tcp 10.0.0.9:7946: i/o timeout')),
    'read tcp 10.0.0.9:7946: i/o timeout',
  ],
])('an exchange that ends in %s says so', async (_what, connection, message) => {
  const { world, streams } = setUp();
  world.connection = connection;

  await expect(streams.pushPull(remote, true, true)).rejects.toThrow(message);
  if (connection instanceof FakeConnection) expect(connection.ending).toBe('destroyed');
});

test('a merge that the core refuses fails the exchange', async () => {
  const { world, streams } = setUp({
    refusal: "Node 'x' protocol version (9) is incompatible: [9, 5]",
  });
  world.connection = new FakeConnection(answerOf(encodePushPull(theirs)));

  await expect(streams.pushPull(remote, true, true)).rejects.toThrow(
    new ExchangeError("Node 'x' protocol version (9) is incompatible: [9, 5]"),
  );
});

test('a core that has nothing to say ends the exchange', async () => {
  const { world, streams } = setUp({ state: undefined });
  const connection = new FakeConnection();
  world.connection = connection;

  await expect(streams.pushPull(remote, true, true)).rejects.toThrow(
    'this node has left the cluster',
  );
  expect(connection.written).toEqual([]);
});

test('a request is answered with our state, then closed', async () => {
  const { inputs, streams } = setUp();
  const connection = new FakeConnection(requestOf(encodePushPull(theirs)));

  await streams.accept(connection);

  expect(inputs).toEqual([{ type: 'pushPullRequest', exchange: 1, state: theirs, from: remote }]);
  expect(readWith('dialling', connection.written)).toEqual({ type: 'pushPull', state: ours });
  expect(connection.ending).toBe('finished');
});

test('a request byte by byte is the same request', async () => {
  const { inputs, streams } = setUp();
  const bytes = [...requestOf(encodePushPull(theirs))].map((byte) => Uint8Array.of(byte));

  await streams.accept(new FakeConnection(...bytes));

  expect(inputs).toHaveLength(1);
});

test('a refused merge is said here: the other side has our state already', async () => {
  const { world, streams } = setUp({ refusal: 'no' });
  const connection = new FakeConnection(requestOf(encodePushPull(theirs)));

  await streams.accept(connection);

  expect(connection.written).toHaveLength(1);
  expect(world.lines.at(-1)).toBe('ERR memberlist: Failed push/pull merge: no from=10.0.0.9:7946');
});

test.each(['me', ''])('a ping for %j is answered over the stream', async (node) => {
  const { streams } = setUp();
  const connection = new FakeConnection(requestOf(encodeMessage({ ...ping, node })));

  await streams.accept(connection);

  expect(readWith('dialling', connection.written)).toEqual({
    type: 'ack',
    ack: { type: 'ack', sequence: 7, payload: undefined },
  });
});

test('a ping for somebody else is not', async () => {
  const { world, streams } = setUp();
  const connection = new FakeConnection(requestOf(encodeMessage({ ...ping, node: 'foo' })));

  await streams.accept(connection);

  expect(connection).toMatchObject({ written: [], ending: 'destroyed' });
  expect(world.lines.at(-1)).toBe(
    'WARN memberlist: Got ping for unexpected node foo from=10.0.0.9:7946',
  );
});

test('a user message goes to the core without an answer', async () => {
  const { inputs, streams } = setUp();
  const body = Uint8Array.of(0xff, 1, 2);
  const connection = new FakeConnection(requestOf(encodeStreamUser(body)));

  await streams.accept(connection);

  expect(inputs).toEqual([
    { type: 'message', message: { type: 'user', body }, from: remote, via: 'stream' },
  ]);
  expect(connection.written).toEqual([]);
});

test('an encrypted stream without a key here is refused with an answer', async () => {
  const { counters, streams } = setUp();
  const connection = new FakeConnection(Uint8Array.of(10, 0, 0, 0, 16, 1, 2, 3));

  await streams.accept(connection);

  expect(readWith('dialling', connection.written)).toMatchObject({ type: 'error' });
  expect(connection.ending).toBe('finished');
  expect(counters.get('refused_stream_NO_KEYRING')).toBe(1);
});

test('a stream of another label is closed without a word', async () => {
  const { counters, streams } = setUp();
  const connection = new FakeConnection(
    requestOf(encodePushPull(theirs), { ...plain, label: 'other' }),
  );

  await streams.accept(connection);

  expect(connection).toMatchObject({ written: [], ending: 'destroyed' });
  expect(counters.get('refused_stream_WRONG_LABEL')).toBe(1);
});

test('a stream that ends or breaks before its request costs nothing', async () => {
  const { counters, inputs, streams } = setUp();
  const empty = new FakeConnection(undefined);
  const half = new FakeConnection(Uint8Array.of(6, 0x83), undefined);
  const broken = new FakeConnection(new ConnectionError('read tcp: connection reset by peer'));

  for (const connection of [empty, half, broken]) await streams.accept(connection);

  expect([empty, half, broken].map(({ ending }) => ending)).toEqual([
    'destroyed',
    'destroyed',
    'destroyed',
  ]);
  expect(inputs).toEqual([]);
  expect(counters.get('refused_stream_TRUNCATED')).toBe(1);
});

test('so many streams are accepted at a time, and no more', async () => {
  const { counters, streams } = setUp();
  const silent = Array.from({ length: acceptedLimit }, () => new FakeConnection());
  for (const connection of silent) void streams.accept(connection);
  const late = new FakeConnection();

  await streams.accept(late);

  expect(late.ending).toBe('destroyed');
  expect(silent.every(({ ending }) => ending === 'open')).toBe(true);
  expect(counters.get('dropped_streams')).toBe(1);
});

test('the 128th push/pull in progress is closed', async () => {
  const { inputs, streams } = setUp();
  const stuck = Array.from({ length: exchangeLimit + 1 }, () => {
    const connection = new FakeConnection(requestOf(encodePushPull(theirs)));
    connection.write = () => new Promise(() => undefined);
    return connection;
  });

  for (const connection of stuck) void streams.accept(connection);
  await settled();

  expect(inputs).toHaveLength(exchangeLimit);
  expect(stuck.at(-1)?.ending).toBe('destroyed');
});

test.each([
  [
    'the right ack',
    true,
    new FakeConnection(answerOf(encodeMessage({ type: 'ack', sequence: 7, payload: undefined }))),
  ],
  [
    'an ack for another ping',
    false,
    new FakeConnection(answerOf(encodeMessage({ type: 'ack', sequence: 8, payload: undefined }))),
  ],
  ['no answer', false, new FakeConnection(undefined)],
  ['garbage', false, new FakeConnection(Uint8Array.of(2, 0xc1))],
  ['a refused dial', false, new ConnectionError('dial tcp: connect: connection refused')],
])('a stream probe that meets %s has contact: %j', async (_what, contact, connection) => {
  const { world, inputs, streams } = setUp();
  world.connection = connection;

  await streams.probe(remote, ping, 1_400);

  expect(inputs).toEqual([{ type: 'streamProbeResult', sequence: 7, contact }]);
  expect(world.dialled).toEqual([{ to: remote, timeoutMs: 400 }]);
  if (connection instanceof FakeConnection) {
    expect(readWith('accepting', connection.written)).toEqual({ type: 'ping', ping });
  }
});

const large = new Uint8Array(200_000).fill(5);
const toRemote = { to: remote, node: 'n9', deadlineMs: 9_000 };

test.each([
  ['small, packed', { ...plain, compression: true }, large.subarray(0, 2_000)],
  ['large, as it is', { ...plain, compression: true }, large],
])('a message of the layer above goes out whole: %s', async (_, seal, message) => {
  const { streams, world, counters } = setUp({ seal });
  const connection = new FakeConnection();
  world.connection = connection;

  await streams.sendUser({ ...toRemote, message });

  expect(world.dialled).toEqual([{ to: remote, timeoutMs: 8_000 }]);
  expect(readWith('accepting', connection.written, seal)).toEqual({ type: 'user', body: message });
  expect(connection.ending).toBe('finished');
  expect(counters.get('sent_user_streams')).toBe(1);
});

test.each([
  ['a second, when it is worth no more', 2_000, 1_000],
  ['no time, when nobody waits for it any more', 500, 0],
  ['a minute, however long whoever asked would wait', 2 ** 50, 60_000],
])('a message of the layer above has %s', async (_, deadlineMs, timeoutMs) => {
  const { streams, world } = setUp();
  world.connection = new FakeConnection();

  await streams.sendUser({ ...toRemote, message: large, deadlineMs });

  expect(world.dialled).toEqual([{ to: remote, timeoutMs }]);
});

test('a message that cannot be delivered is said and counted, and harms nobody', async () => {
  const { streams, world, counters } = setUp();
  world.connection = new ConnectionError('dial tcp 10.0.0.9:7946: connect: connection refused');

  await streams.sendUser({ ...toRemote, message: large });

  expect(counters.get('failed_user_streams')).toBe(1);
  expect(world.lines).toEqual([
    'WARN serf: Failed to send 200000 bytes to n9 (10.0.0.9:7946) by stream: ' +
      'dial tcp 10.0.0.9:7946: connect: connection refused',
  ]);
});

test('messages that nobody takes are bounded, by number, by number to one address, and by size', async () => {
  const { streams, world, counters } = setUp();
  const stuck = new FakeConnection();
  stuck.write = () => new Promise(() => undefined);
  world.connection = stuck;
  const sixteenMiB = new Uint8Array(16 * 1_024 * 1_024);

  for (let count = 0; count < 5; count += 1) {
    void streams.sendUser({ ...toRemote, message: sixteenMiB });
  }
  await settled();
  expect(counters.get('dropped_user_streams')).toBe(1);
  const others = setUp();
  others.world.connection = stuck;
  for (let count = 0; count < 20; count += 1) {
    void others.streams.sendUser({ ...toRemote, message: large });
  }
  await settled();
  expect(others.counters.get('dropped_user_streams')).toBe(4);
  for (let count = 0; count < 50; count += 1) {
    const to = { ...remote, host: `10.0.1.${count}` };
    void others.streams.sendUser({ ...toRemote, to, message: large });
  }
  await settled();
  expect(others.counters.get('dropped_user_streams')).toBe(4 + 2);
});
