import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { Cluster } from '../../src/cluster/cluster.js';
import { addressOf, shutDownAll, soon, start, startThree, statuses } from './nodes.js';

afterEach(shutDownAll);

// A thread from source takes a while to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const hasIpv6 = await new Promise<boolean>((resolve) => {
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen(0, '::1', () => server.close(() => resolve(true)));
});

test('two nodes with threads find each other, change tags, leave and shut down', async () => {
  const a = await start('a', { tags: { role: 'web' } });
  const heard: string[] = [];
  a.on('event', (event) => {
    if ('members' in event) heard.push(`${event.type} ${event.members[0]?.name}`);
  });
  const b = await start('b', { join: [addressOf(a)] });

  expect(b.member('a')?.tags).toEqual({ role: 'web' });
  await vi.waitFor(() => expect(statuses(a)).toEqual({ a: 'alive', b: 'alive' }), soon);
  await b.setTags({ zone: 'x' });
  await vi.waitFor(() => expect(a.member('b')?.tags).toEqual({ zone: 'x' }), soon);
  expect(await a.stats()).toMatchObject({ members: '2', encrypted: 'false', failed: '0' });
  await vi.waitFor(async () => expect(await a.rtt('b')).toBeGreaterThan(0), soon);
  expect(await a.coordinate('b')).toMatchObject({ vec: expect.any(Array) });
  expect(await a.coordinate()).toEqual(await a.coordinate('a'));
  expect(await a.rtt('a', 'nobody')).toBeUndefined();
  await b.leave();
  await vi.waitFor(() => expect(statuses(a)).toEqual({ a: 'alive', b: 'left' }), soon);
  await b.shutdown();

  await b.closed;
  expect(heard).toEqual(
    expect.arrayContaining(['member-join b', 'member-update b', 'member-leave b']),
  );
  await expect(b.join([addressOf(a)])).rejects.toMatchObject({ code: 'SHUT_DOWN' });
});

test('an encrypted pair in one thread, compressed or not; one without the key stays outside', async () => {
  const encryptionKey = Buffer.alloc(32, 7).toString('base64');
  const a = await start('a', { encryptionKey, thread: false });
  const b = await start('b', { encryptionKey, thread: false, compression: false });
  const stranger = await start('c', { thread: false });

  expect(await b.join([addressOf(a)])).toBe(1);
  await expect(stranger.join([addressOf(a)])).rejects.toThrow(
    /failed to join .*: remote state is encrypted and encryption is not configured/,
  );
  await vi.waitFor(() => expect(statuses(a)).toEqual({ a: 'alive', b: 'alive' }), soon);

  expect(statuses(stranger)).toEqual({ c: 'alive' });
  expect((await a.stats())['encrypted']).toBe('true');
});

test('a node of another label is refused without a word', async () => {
  const a = await start('a', { label: 'blue', thread: false });
  const b = await start('b', { label: 'blue', thread: false });
  const c = await start('c', { label: 'green', thread: false });

  expect(await b.join([addressOf(a)])).toBe(1);
  await expect(c.join([addressOf(a)])).rejects.toThrow(/failed to join .*: EOF/);

  expect(statuses(c)).toEqual({ c: 'alive' });
});

test('after leave there is no join any more', async () => {
  const a = await start('a', { thread: false, serf: { leavePropagateDelayMs: 1 } });

  await a.leave();

  await expect(a.join([addressOf(a)])).rejects.toMatchObject({
    code: 'REFUSED',
    message: "Serf can't Join after Leave or Shutdown",
  });
});

test.skipIf(!hasIpv6)('two nodes on IPv6', async () => {
  const a = await start('a', { bind: '[::1]:0', thread: false });
  const b = await start('b', { bind: '[::1]:0', thread: false });

  expect(await b.join([`[::1]:${a.bind.port}`])).toBe(1);
  await vi.waitFor(() => expect(statuses(a)).toEqual({ a: 'alive', b: 'alive' }), soon);

  expect(a.member('b')?.address).toHaveLength(16);
});

test('a node on every address is reached over IPv4 and, where there is one, IPv6', async () => {
  const a = await start('a', { bind: '0.0.0.0:0', advertise: '127.0.0.1', thread: false });
  const b = await start('b', { thread: false });

  expect(await b.join([`127.0.0.1:${a.bind.port}`])).toBe(1);
  if (hasIpv6) expect(await b.join([`[::1]:${a.bind.port}`])).toBe(1);

  await vi.waitFor(() => expect(statuses(a)).toEqual({ a: 'alive', b: 'alive' }), soon);
});

test('a port that is taken is named, and the failed start holds nothing', async () => {
  const a = await start('a');
  const { port } = a.bind;

  const failing = Cluster.start({ node: 'b', bind: `127.0.0.1:${port}` });

  await expect(failing).rejects.toMatchObject({
    code: 'ADDRESS_IN_USE',
    message:
      'Failed to create memberlist: could not set up network transport: failed to obtain an address: ' +
      `failed to start TCP listener on "127.0.0.1" port ${port}: ` +
      `listen tcp 127.0.0.1:${port}: bind: address already in use`,
  });
});

test.each([true, false])('a start that fails late frees its port (thread: %j)', async (thread) => {
  const port = await freePort();

  await expect(
    Cluster.start({
      node: 'a',
      bind: `127.0.0.1:${port}`,
      thread,
      join: ['127.0.0.1:1', 'no.such.host.invalid:2'],
    }),
  ).rejects.toMatchObject({
    code: 'JOIN_FAILED',
    errors: [expect.any(String), expect.any(String)],
  });
  await expect(
    Cluster.start({ node: 'a', bind: `127.0.0.1:${port}`, thread, protocol: 1 }),
  ).rejects.toMatchObject({
    code: 'BAD_OPTION',
    message: "Protocol version '1' too low. Must be in range: [2, 5]",
  });

  await expect(isFree(port)).resolves.toBe(true);
});

test('a shutdown frees the port at once, with streams open', async () => {
  const a = await start('a', { thread: false });
  const { port } = a.bind;
  const stream = connect(port, '127.0.0.1');
  stream.on('error', () => undefined);
  await new Promise((resolve) => stream.once('connect', resolve));

  await a.shutdown();

  await expect(isFree(port)).resolves.toBe(true);
  stream.destroy();
});

test('garbage changes nothing, and is counted', async () => {
  const a = await start('a');
  const events: string[] = [];
  a.on('event', ({ type }) => events.push(type));
  await new Promise((resolve) => setImmediate(resolve));

  await sendGarbage(a.bind.port, { datagrams: 5_000, streams: 50 });

  const stats = await a.stats();
  expect(statuses(a)).toEqual({ a: 'alive' });
  expect(events).toEqual(['member-join']);
  expect(stats['health_score']).toBe('0');
  expect(Number(stats['refused_packet_UNKNOWN_TYPE'])).toBeGreaterThan(100);
  expect(Number(stats['refused_stream_BAD_BODY'])).toBeGreaterThan(0);
});

async function sendGarbage(port: number, counts: { datagrams: number; streams: number }) {
  let seed = 1;
  const byte = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed >>> 24;
  };
  const garbage = (length: number, first: number) =>
    Uint8Array.from({ length }, (_, index) => (index === 0 ? first : byte()));

  const socket = createSocket('udp4');
  for (let sent = 0; sent < counts.datagrams; sent += 1) {
    const packet = garbage(1 + byte(), sent % 16);
    await new Promise((resolve) => socket.send(packet, port, '127.0.0.1', resolve));
  }
  socket.close();
  const streams = Array.from({ length: counts.streams }, (_, index) => {
    const stream = connect(port, '127.0.0.1');
    stream.on('error', () => undefined);
    stream.end(garbage(200, [0, 6, 8, 9, 10, 255][index % 6] ?? 0));
    stream.resume();
    return new Promise((resolve) => stream.once('close', resolve));
  });
  await Promise.all(streams);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

/** On both protocols. */
async function isFree(port: number): Promise<boolean> {
  const tcp = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
  const udp = await new Promise<boolean>((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
  return tcp && udp;
}

test('a second node of a name that is taken is shut down and says why; the first one stays', async () => {
  const [a, b, c] = await startThree();
  const rival = await start('a', { thread: false });
  await rival.join([addressOf(b)]);

  await expect(rival.closed).rejects.toMatchObject({
    code: 'NAME_CONFLICT',
    message: "another member is called 'a', and the cluster sides with that one",
  });
  await expect(rival.event('x')).rejects.toMatchObject({ code: 'NAME_CONFLICT' });
  await a.event('still there');
  for (const member of [b, c]) {
    await vi.waitFor(
      () => expect(member.member('a')).toMatchObject({ status: 'alive', port: a.bind.port }),
      soon,
    );
  }
});
