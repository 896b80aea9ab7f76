import { MsgpackReader, MsgpackWriter } from '@tserf/core/msgpack';
import { describe, expect, test } from 'vitest';
import type { Codec } from '../../src/protocol/codec.js';
import { commands, isCommandName, logRecord } from '../../src/protocol/commands.js';
import { eventRecord } from '../../src/protocol/event-record.js';
import { responseHeader, tryResponseHeader } from '../../src/protocol/header.js';
import { encodeHeader, encodeReply, encodeRequest } from '../../src/protocol/message.js';
import { queryRecord } from '../../src/protocol/query-record.js';
import { bodilessRefusals } from '../../src/protocol/refusals.js';
import { objectsOf, recordedConnections, requestsOf } from './recorded-sessions.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const pushes: Readonly<Record<string, Codec<unknown>>> = {
  stream: eventRecord,
  monitor: logRecord,
  query: queryRecord,
};

/** Sessions that break the protocol on purpose, at the bytes that no decoder can take. */
const malformed = new Set(['r058']);
const connections = recordedConnections().filter(({ id }) => !malformed.has(id));

function write<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new MsgpackWriter('rpc');
  codec.write(writer, value);
  return writer.finish();
}

/** Go writes maps in random order: equal length and equal content are equal bytes up to that order. */
function expectSame<T>(codec: Codec<T>, written: Uint8Array, recorded: Uint8Array): void {
  expect(written.length).toBe(recorded.length);
  expect(codec.read(new MsgpackReader(written))).toEqual(codec.read(new MsgpackReader(recorded)));
}

test.each(connections.filter(({ isSerfCli }) => isSerfCli))(
  'requests of Serf’s own command line come out byte for byte: $id $command',
  (connection) => {
    for (const { command, seq, body } of requestsOf(connection)) {
      if (!isCommandName(command)) continue;
      const codec: Codec<unknown> | undefined = commands[command].request;
      const request = body && codec?.read(new MsgpackReader(body));
      const recorded = hex(objectsOf(connection, 'c2s').find(isHeaderOf(seq)) as Uint8Array);

      const encoded = encodeRequest(command, seq, request as never);

      const wanted = recorded + hex(body ?? new Uint8Array(0));
      // Two tags come in random order.
      if (connection.command.match(/-(tag|set)/g)?.length === 2) {
        expect(encoded.length).toBe(wanted.length / 2);
      } else expect(hex(encoded)).toBe(wanted.replace(unsignedTimeout, newestTimeout));
    }
  },
);

/** The recorded version writes a positive time-out as an unsigned number; the newest, and so we, as a signed one. */
const unsignedTimeout = /(?<=a754696d656f7574)c[def]/;
const newestTimeout = (head: string) => ({ cd: 'd1', ce: 'd2', cf: 'd3' })[head] ?? head;

function isHeaderOf(wanted: number | bigint) {
  return (object: Uint8Array) => hex(object).endsWith(`a3536571${hex(write(seqCodec, wanted))}`);
}
const seqCodec: Codec<number | bigint> = {
  zero: 0,
  write: (writer, value) => void writer.uint(value),
  read: (reader) => reader.integer(),
};

describe('what agents sent is understood and comes out the same', () => {
  let bodies = 0;
  test.each(connections)('$id $command', (connection) => {
    const commandOf = new Map(requestsOf(connection).map(({ command, seq }) => [seq, command]));
    const acknowledged = new Set<number | bigint>();
    const objects = objectsOf(connection, 's2c');

    for (let index = 0; index < objects.length; index++) {
      const object = objects[index] as Uint8Array;
      const header = tryResponseHeader(object);
      if (header === undefined) throw new Error(`${hex(object)} is no header`);
      const { seq, error } = header;
      expect(hex(encodeHeader(seq, error))).toBe(hex(object));
      const command = commandOf.get(seq) ?? '';
      if (!isCommandName(command)) {
        continue;
      }
      const isPushed = pushes[command] !== undefined && acknowledged.has(seq);
      if (pushes[command] !== undefined && error !== '') continue;
      acknowledged.add(seq);
      const codec: Codec<unknown> | undefined = isPushed
        ? pushes[command]
        : commands[command].reply;
      if (codec === undefined || bodilessRefusals.has(error)) continue;
      const body = objects[++index] as Uint8Array;
      const value = codec.read(new MsgpackReader(body));
      expect(value).toBeDefined();
      expectSame(codec, write(codec, value), body);
      if (!isPushed) expectReply(command, seq, error, value, object, body);
      bodies++;
    }
  });

  test('and there were bodies enough to mean something', () => {
    expect(bodies).toBeGreaterThan(100);
  });
});

function expectReply(
  command: keyof typeof commands,
  seq: number | bigint,
  error: string,
  reply: unknown,
  header: Uint8Array,
  body: Uint8Array,
): void {
  const encoded = encodeReply(command, seq, error, reply as never);
  expect(hex(encoded.subarray(0, header.length))).toBe(hex(header));
  expect(encoded.length).toBe(header.length + body.length);
}

test('an object is a header exactly when it is a map of Error and Seq', () => {
  const is = (text: string) => tryResponseHeader(Buffer.from(text, 'hex')) !== undefined;

  expect(is('82a54572726f72a0a353657101')).toBe(true);
  expect(is('82a353657101a54572726f72a0')).toBe(true);
  expect(is('81a353657101')).toBe(false);
  expect(is('83a54572726f72a0a353657101a15801')).toBe(false);
  expect(is('82a54572726f72a0a14101')).toBe(false);
  expect(is('92a001')).toBe(false);
  expect(is('c0')).toBe(false);
  expect(is('820102a353657101')).toBe(false);
});

test('a header with a wrong type in it is refused', () => {
  expect(() => tryResponseHeader(Buffer.from('82a54572726f72a0a3536571a131', 'hex'))).toThrow();
  expect(responseHeader.zero).toEqual({ seq: 0, error: '' });
});
