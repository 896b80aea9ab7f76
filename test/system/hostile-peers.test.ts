import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Agent, call, tserf } from '../harness/agents.ts';
import { eventually } from '../harness/eventually.ts';
import { endAll } from '../harness/processes.ts';

afterEach(endAll);

const text = (value: string) => Buffer.concat([Buffer.of(0xa0 | value.length), Buffer.from(value)]);
const map = (fields: Readonly<Record<string, Buffer>>) =>
  Buffer.concat([
    Buffer.of(0x80 | Object.keys(fields).length),
    ...Object.entries(fields).flatMap(([key, value]) => [text(key), value]),
  ]);
const number = (value: number) => Buffer.of(0xcd, value >> 8, value & 0xff);
const absurd = Buffer.from('cfffffffffffffffff', 'hex');
const nil = Buffer.of(0xc0);
const list = (...items: Buffer[]) => Buffer.concat([Buffer.of(0x90 | items.length), ...items]);
const long = (value: number) => {
  const head = Buffer.of(0xce, 0, 0, 0, 0);
  head.writeUInt32BE(value, 1);
  return head;
};
const longBytes = (value: Buffer) => {
  const head = Buffer.of(0xdb, 0, 0, 0, 0);
  head.writeUInt32BE(value.length, 1);
  return Buffer.concat([head, value]);
};
const bytes = (value: Buffer) => Buffer.concat([Buffer.of(0xda, 0, value.length), value]);

/** A message of Serf's layer in a packet that is neither encrypted nor checked. */
const packet = (type: number, fields: Readonly<Record<string, Buffer>>) =>
  Buffer.concat([Buffer.of(8, type), map(fields)]);

const query = (id: number, port: number, fields: Readonly<Record<string, Buffer>>) =>
  packet(4, {
    Addr: bytes(Buffer.of(127, 0, 0, 1)),
    ID: number(id),
    LTime: Buffer.of(1),
    Port: number(port),
    Timeout: Buffer.from('d23b9aca00', 'hex'),
    ...fields,
  });

const tagFilter = (expression: string) =>
  bytes(
    Buffer.concat([Buffer.of(1), map({ Expr: bytes(Buffer.from(expression)), Tag: text('role') })]),
  );

async function countersOf(agent: Agent): Promise<Record<string, string> | undefined> {
  const info = await call(tserf, 'info', '-format=json', `-rpc-addr=${agent.rpc}`);
  return (JSON.parse(info.stdout) as Record<string, Record<string, string>>)['serf'];
}

test('what kills or fools an agent of Serf 0.9.4 is refused or answered, counted, and changes nothing', async () => {
  const target = await Agent.start(tserf, { node: 'target', tags: { role: 'a'.repeat(200) } });
  const peer = await Agent.start(tserf, { node: 'peer', flags: [`-join=${target.gossip}`] });
  const alive = { peer: 'alive', target: 'alive' };
  await eventually(
    async () => {
      expect(await target.statuses()).toEqual(alive);
      // The peer's own word of its join moves the clock, and comes a moment later.
      expect(await countersOf(target)).toMatchObject({ member_time: '2' });
    },
    { withinMs: 60_000 },
  );
  const heard: Buffer[] = [];
  const socket = createSocket('udp4').on('message', (message) => heard.push(message));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  const send = (bytes: Buffer) =>
    new Promise<void>((resolve) =>
      socket.send(bytes, Number(target.gossip.split(':')[1]), '127.0.0.1', () => resolve()),
    );

  const refused = [
    packet(3, { LTime: absurd, Name: text('x'), Payload: nil }),
    packet(4, { LTime: absurd, Name: text('x') }),
    packet(1, { LTime: absurd, Node: text('x') }),
    packet(0, { LTime: absurd, Node: text('target') }),
    query(1, port, { Filters: list(text('')), Name: text('load') }),
    packet(1, { LTime: Buffer.of(9), Node: Buffer.from('a2fffe', 'hex') }),
    Buffer.concat([
      Buffer.of(8, 9),
      map({
        DestAddr: map({ IP: bytes(Buffer.of(127, 0, 0, 1)), Port: number(port), Zone: text('') }),
        DestName: text('peer'),
      }),
      Buffer.of(5, 0x80),
    ]),
  ];
  for (const each of refused) await send(each);
  // One that explodes elsewhere, one that no engine here would compile, and a key query without a payload.
  await send(
    query(2, port, {
      Filters: list(tagFilter('^(a+)+b$')),
      Flags: Buffer.of(1),
      Name: text('load'),
    }),
  );
  await send(
    query(3, port, {
      Filters: list(tagFilter('(a{900}){900}')),
      Flags: Buffer.of(1),
      Name: text('load'),
    }),
  );
  await send(query(4, port, { Name: text('_serf_install-key'), Payload: nil }));

  await target.process.printed(/message refused: /);
  await target.process.printed(/failed to compile filter regex/);
  // Of all these, the key query alone is answered: with a no, by the target and by the peer that it told of it.
  await eventually(() => expect(heard.filter((each) => each.includes('Result'))).toHaveLength(2), {
    withinMs: 60_000,
  });
  expect(heard).toHaveLength(2);
  const counters = await countersOf(target);
  expect(counters).toMatchObject({ bad_messages: String(refused.length), member_time: '2' });
  expect(counters).toMatchObject({ event_time: '1', query_time: '2' });
  expect(await target.statuses()).toEqual(alive);
  expect(await peer.statuses()).toEqual(alive);
  socket.close();
});

test('a key query of four megabytes, which only a stream can carry, is refused and ends nobody', async () => {
  const target = await Agent.start(tserf, { node: 'target' });
  const payload = Buffer.alloc(4 << 20, 0x41);
  const body = Buffer.concat([
    Buffer.of(4),
    map({
      Addr: bytes(Buffer.of(127, 0, 0, 1)),
      ID: number(1),
      LTime: Buffer.of(1),
      Name: text('_serf_install-key'),
      Payload: longBytes(payload),
      Port: number(1),
      Timeout: Buffer.from('d23b9aca00', 'hex'),
    }),
  ]);
  const stream = connect(Number(target.gossip.split(':')[1]), '127.0.0.1');
  const closed = new Promise<void>((resolve) => stream.on('close', () => resolve()));
  stream.on('error', () => undefined).resume();
  stream.end(Buffer.concat([Buffer.of(8), map({ UserMsgLen: long(body.length) }), body]));
  await closed;

  await target.process.printed(/message refused: .*bytes/);
  expect(await countersOf(target)).toMatchObject({ bad_messages: '1', query_time: '1' });
  expect(await target.statuses()).toEqual({ target: 'alive' });
});
