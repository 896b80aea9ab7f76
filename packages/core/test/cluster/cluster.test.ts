import { createSocket } from 'node:dgram';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { Cluster } from '../../src/cluster/cluster.js';
import type { ClusterOptions } from '../../src/cluster/cluster-options.js';
import type { QueryOptions } from '../../src/cluster/query.js';
import { readKeyringFile } from '../../src/engine/keyring-file.js';

// Real sockets, real threads: few, and only to see that the pieces are joined.

const started: Cluster[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((cluster) => cluster.shutdown()));
});

async function start(node: string, options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await Cluster.start({ node, bind: '127.0.0.1:0', profile: 'local', ...options });
  started.push(cluster);
  return cluster;
}

const addressOf = ({ local: { endpoint } }: Cluster): string =>
  endpoint.host.includes(':')
    ? `[${endpoint.host}]:${endpoint.port}`
    : `${endpoint.host}:${endpoint.port}`;

const statuses = (cluster: Cluster) =>
  Object.fromEntries(cluster.members.map(({ name, status }) => [name, status]));

const soon = { timeout: 15_000, interval: 10 };

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

/** Three nodes, one of them with a thread, that know each other. */
async function startThree(
  optionsOf: (name: string) => ClusterOptions = () => ({}),
): Promise<[Cluster, Cluster, Cluster]> {
  const a = await start('a', optionsOf('a'));
  const b = await start('b', { ...optionsOf('b'), join: [addressOf(a)], thread: false });
  const c = await start('c', { ...optionsOf('c'), join: [addressOf(b)], thread: false });
  await vi.waitFor(() => {
    for (const member of [a, b, c])
      expect(statuses(member)).toEqual({ a: 'alive', b: 'alive', c: 'alive' });
  }, soon);
  return [a, b, c];
}

test('an event reaches every member exactly once, its sender too, byte for byte', async () => {
  const members = await startThree();
  const [a] = members;
  const heard = members.map((member) => {
    const events: string[] = [];
    member.on('user', ({ name, payload, coalesce }) =>
      events.push(`${name} ${Buffer.from(payload).toString('hex')} ${coalesce}`),
    );
    return events;
  });

  for (const [index, member] of members.entries()) {
    await member.event(`from-${member.name}`, Uint8Array.of(0, 255, 10, index));
    // Of one name, payload and Lamport time there is one event, whoever sends it: these differ.
    await member.event('same', member.name, { coalesce: true });
  }

  const expected = ['from-a 00ff0a00 false', 'from-b 00ff0a01 false', 'from-c 00ff0a02 false'];
  const same = ['same 61 true', 'same 62 true', 'same 63 true'];
  await vi.waitFor(() => {
    for (const events of heard) expect([...events].sort()).toEqual([...expected, ...same]);
  }, soon);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (const events of heard) expect(events).toHaveLength(6);
  await expect(a.event('large', new Uint8Array(600))).rejects.toMatchObject({
    code: 'REFUSED',
    message: 'user event exceeds configured limit of 512 bytes before encoding',
  });
});

test('whoever joins hears of before only with replay, and then each event once', async () => {
  const a = await start('a', { thread: false });
  await a.event('first', '1');
  await a.event('second', '2');
  const [late, curious] = [await start('late'), await start('curious', { thread: false })];
  const heard = [late, curious].map((member) => {
    const names: string[] = [];
    member.on('user', ({ name }) => names.push(name));
    return names;
  });

  await late.join([addressOf(a)]);
  await curious.join([addressOf(a)], { replay: true });
  await a.event('third', '3');

  await vi.waitFor(() => expect(heard[0]).toContain('third'), soon);
  await vi.waitFor(() => expect(heard[1]).toContain('third'), soon);
  expect(heard).toEqual([['third'], ['first', 'second', 'third']]);
});

test('a query brings acks and answers of all that it is for, and ends when none is left to wait for', async () => {
  const members = await startThree();
  const [a, b, c] = members;
  await c.setTags({ role: 'db' });
  await vi.waitFor(() => expect(a.member('c')?.tags).toEqual({ role: 'db' }), soon);
  for (const member of members) {
    member.onQuery('load', ({ from, payload }) => `${member.name} ${from} ${Buffer.from(payload)}`);
  }
  const asked = async (options: QueryOptions) => {
    const query = await a.query('load', '15m', { requestAck: true, timeoutMs: 30_000, ...options });
    const { acks, responses, early } = await query.finished;
    const answers = responses.map(({ payload }) => Buffer.from(payload).toString());
    return { acks: [...acks].sort(), answers: answers.sort(), early };
  };

  expect(await asked({})).toEqual({
    acks: ['a', 'b', 'c'],
    answers: ['a a 15m', 'b a 15m', 'c a 15m'],
    early: true,
  });
  expect(await asked({ filterNodes: ['b', 'nobody'] })).toEqual({
    acks: ['b'],
    answers: ['b a 15m'],
    early: true,
  });
  expect(await asked({ filterTags: { role: '^d' }, relayFactor: 1 })).toEqual({
    acks: ['c'],
    answers: ['c a 15m'],
    early: true,
  });
  b.offQuery('load');
  expect(await asked({ timeoutMs: 1_500 })).toEqual({
    acks: ['a', 'b', 'c'],
    answers: ['a a 15m', 'c a 15m'],
    early: false,
  });
});

test('an answer of 100 kB arrives whole, one beyond the limit is refused where it is given', async () => {
  const [a, b, c] = await startThree();
  const large = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
  b.onQuery('dump', () => large);
  const refused: string[] = [];
  c.on('log', ({ text }) => {
    if (text.startsWith('cluster:')) refused.push(text);
  });
  c.onQuery('dump', () => new Uint8Array(1_100_000));

  const query = await a.query('dump', undefined, { filterNodes: ['b', 'c'], timeoutMs: 2_000 });
  const { responses } = await query.finished;

  expect(responses.map(({ from }) => from)).toEqual(['b']);
  expect(Buffer.compare(responses[0]?.payload ?? large.subarray(1), large)).toBe(0);
  expect(refused).toEqual([
    "cluster: Failed to respond to query 'dump': failed to respond to key query: response exceeds limit of 1048576 bytes",
  ]);
  expect((await b.stats())['sent_user_streams']).toBe('1');
});

test('a query is answered once, by anybody, until its deadline', async () => {
  const a = await start('a', { thread: false });
  const said: string[] = [];
  a.on('query', async (query) => {
    await query.respond('first');
    await query.respond('second').catch((error: Error) => said.push(error.message));
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, query.deadline - Date.now()) + 50),
    );
    await a.respond(query.query, 'late').catch((error: Error) => said.push(error.message));
  });

  const query = await a.query('load', '', { timeoutMs: 300, early: false });
  const answers: string[] = [];
  for await (const { payload } of query.responses()) answers.push(Buffer.from(payload).toString());

  expect(answers).toEqual(['first']);
  await vi.waitFor(() => expect(said).toHaveLength(2), soon);
  expect(said[0]).toMatch(/response already sent/);
  expect(said[1]).toMatch(/response (is past the deadline|already sent)/);
});

const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64');

test('a rotation on three nodes changes what they seal with and their files; nobody is lost on the way', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tserf-rotation-'));
  const files = ['a', 'b', 'c'].map((name) => join(folder, name));
  for (const file of files) await writeFile(file, JSON.stringify([keyOf(1)]), { mode: 0o600 });
  const [a, b, c] = await startThree((name) => ({ keyringFile: join(folder, name) }));
  const heard: string[] = [];
  c.on('user', ({ name }) => heard.push(name));
  const inFiles = () => Promise.all(files.map(async (file) => (await readKeyringFile(file)).keys));

  expect(await a.installKey(keyOf(2))).toMatchObject({ numNodes: 3, numResponses: 3 });
  expect(await b.useKey(keyOf(2))).toMatchObject({ numNodes: 3, numErrors: 0 });
  await expect(a.removeKey(keyOf(2))).rejects.toMatchObject({
    message: expect.stringMatching(
      /^3\/3 nodes reported failure\n\t\* .: removing the primary key is not allowed/,
    ),
  });
  await c.removeKey(keyOf(1));

  const { keys, primaryKeys } = await b.listKeys();
  expect([...keys]).toEqual([[keyOf(2), 3]]);
  expect([...primaryKeys]).toEqual([[keyOf(2), 3]]);
  await a.event('after');
  await vi.waitFor(() => expect(heard).toEqual(['after']), soon);
  const second = new Uint8Array(32).fill(2);
  await vi.waitFor(
    async () => expect(await inFiles()).toEqual([[second], [second], [second]]),
    soon,
  );
  expect(await b.stats()).toMatchObject({
    encryption_failures: '0',
    isolated: 'false',
    failed: '0',
  });
  await expect(a.useKey(keyOf(9))).rejects.toThrow('b: requested key is not in the keyring');
  await rm(folder, { recursive: true });
});

test('a node that cannot write its keys says so to whoever changes them, and makes up for it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tserf-unwritten-'));
  const keyringFile = join(folder, 'keys', 'b');
  await mkdir(dirname(keyringFile));
  await writeFile(keyringFile, JSON.stringify([keyOf(1)]));
  const a = await start('a', { encryptionKey: keyOf(1), thread: false });
  const b = await start('b', { keyringFile, thread: false, join: [addressOf(a)] });
  await vi.waitFor(() => expect(statuses(a)).toEqual({ a: 'alive', b: 'alive' }), soon);
  await rm(dirname(keyringFile), { recursive: true });

  const failure = await a.installKey(keyOf(2)).catch((error: unknown) => error);

  expect(failure).toMatchObject({
    message: `1/2 nodes reported failure\n\t* b: Failed to write keyring file: open ${keyringFile}: no such file or directory`,
  });
  await mkdir(dirname(keyringFile));
  const both = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  await vi.waitFor(
    async () => expect((await readKeyringFile(keyringFile)).keys).toEqual(both),
    soon,
  );
  expect(await a.installKey(keyOf(2))).toMatchObject({ numResponses: 2, numErrors: 0 });
  expect((await b.stats())['failed_keyring_writes']).toMatch(/^[1-9]/);
  await rm(folder, { recursive: true });
});

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
