import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@tserf/client';
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

/** What a node says of a member: its name, and its tags as they are encoded. */
const alive = (name: Buffer, meta: Buffer, port: number) =>
  Buffer.concat([
    Buffer.of(4),
    map({
      Addr: bytes(Buffer.of(127, 0, 0, 1)),
      Incarnation: Buffer.of(1),
      Meta: bytes(meta),
      Node: bytes(name),
      Port: number(port),
      Vsn: bytes(Buffer.of(1, 5, 2, 2, 5, 5)),
    }),
  ]);

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
  // Of all these, the key query alone is answered, with a no, and passed on to nobody: Serf 0.9.4 would end of it.
  await eventually(() => expect(heard.filter((each) => each.includes('Result'))).toHaveLength(1), {
    withinMs: 60_000,
  });
  await sleep(2_000);
  expect(heard).toHaveLength(1);
  expect(target.process.stdout.match(/serf: message refused: /g)).toHaveLength(refused.length);
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

test('a member whose tags are no text is shown as far as they can be read, and one whose name is none is refused', async () => {
  const target = await Agent.start(tserf, { node: 'target' });
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  const tags = Buffer.from('ff82a5b0b1b2b3b4a161a4726f6c65a3fffe62', 'hex');

  for (const name of [Buffer.from('fffe', 'hex'), Buffer.from('x\u0007'), Buffer.from('odd')]) {
    const bytes = alive(name, tags, port);
    await new Promise<void>((resolve) =>
      socket.send(bytes, Number(target.gossip.split(':')[1]), '127.0.0.1', () => resolve()),
    );
  }

  const odd = await eventually(
    async () => {
      const member = (await target.members()).find(({ name }) => name === 'odd');
      expect(member).toBeDefined();
      return member;
    },
    { withinMs: 10_000 },
  );
  expect(odd?.tags).toEqual({ '\ufffd\ufffd\ufffd\ufffd\ufffd': 'a', role: '\ufffd\ufffdb' });
  expect((await target.members()).map(({ name }) => name).sort()).toEqual(['odd', 'target']);
  expect(target.process.stdout).toContain('packet refused: text is not valid UTF-8');
  expect(target.process.stdout).toContain("packet refused: a member's name is control character");
  socket.close();
});

test('65,000 events of one moment in a push/pull hold up neither probes nor clients', async () => {
  const target = await Agent.start(tserf, { node: 'target', flags: ['-disable-compression'] });
  const gossipPort = Number(target.gossip.split(':')[1]);
  const client = await Client.connect({ address: target.rpc });
  const [count, pushes] = [65_000, 5];
  const events = Array.from({ length: count }, (_, index) =>
    map({ Name: text(`e${index}`), Payload: nil }),
  );
  const group = map({
    Events: Buffer.concat([Buffer.of(0xdc, count >> 8, count & 0xff), ...events]),
    LTime: Buffer.of(5),
  });
  const userState = Buffer.concat([
    Buffer.of(2),
    map({
      EventLTime: Buffer.of(6),
      Events: list(group),
      LTime: Buffer.of(1),
      LeftMembers: nil,
      QueryLTime: Buffer.of(1),
      StatusLTimes: Buffer.of(0x80),
    }),
  ]);
  const header = {
    Join: Buffer.of(0xc2),
    Nodes: Buffer.of(0),
    UserStateLen: long(userState.length),
  };
  const pushPull = Buffer.concat([Buffer.of(6), map(header), userState]);
  const send = () =>
    new Promise<void>((resolve) => {
      const stream = connect(gossipPort, '127.0.0.1', () => stream.end(pushPull));
      stream
        .on('error', () => undefined)
        .on('close', () => resolve())
        .resume();
    });

  const usedBefore = cpuSeconds(target);
  let isOver = false;
  const pushed = (async () => {
    for (let times = 0; times < pushes; times += 1) await send();
  })().finally(() => {
    isOver = true;
  });
  const probes = probing(target, () => isOver);
  const waitsMs: number[] = [];
  while (!isOver) {
    const askedMs = performance.now();
    await client.members();
    waitsMs.push(performance.now() - askedMs);
    await sleep(50);
  }
  await pushed;

  // A machine that others use as well makes everybody wait; what this takes of a processor it does not change.
  expect(Math.max(...waitsMs, ...(await probes))).toBeLessThan(10_000);
  expect((cpuSeconds(target) - usedBefore) / pushes).toBeLessThan(1);
  // What one moment may hold is kept; the rest is refused, and counted.
  await target.process.printed(/message refused: too many user events at the Lamport time 5/);
  const counters = await countersOf(target);
  expect(Number(counters?.['bad_messages'])).toBeGreaterThan(count / 2);
  expect(counters).toMatchObject({ event_time: '6' });
  expect(await target.statuses()).toEqual({ target: 'alive' });
  await client.close();
});

/** What an agent's process has used of the processor, in seconds. */
function cpuSeconds(agent: Agent): number {
  const stat = readFileSync(`/proc/${agent.process.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Pings an agent until all is over; how long each answer took, in milliseconds. */
async function probing(target: Agent, isOver: () => boolean): Promise<number[]> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const tookMs: number[] = [];
  for (let sequence = 1_000; !isOver(); sequence += 1) {
    const wanted = Buffer.concat([text('SeqNo'), number(sequence)]);
    const sentMs = performance.now();
    const answered = new Promise<void>((resolve) => {
      const hear = (message: Buffer) => {
        if (!message.includes(wanted)) return;
        socket.off('message', hear);
        resolve();
      };
      socket.on('message', hear);
    });
    const ping = Buffer.concat([
      Buffer.of(0),
      map({ Node: text('target'), SeqNo: number(sequence) }),
    ]);
    socket.send(ping, Number(target.gossip.split(':')[1]), '127.0.0.1');
    await Promise.race([answered, sleep(5_000)]);
    tookMs.push(performance.now() - sentMs);
    await sleep(20);
  }
  socket.close();
  return tookMs;
}
