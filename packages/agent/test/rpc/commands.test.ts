import { Client } from '@tserf/client';
import { describe, expect, test } from 'vitest';
import { alpha, beta, FakeHost, member, query, startServer } from './fake-host.js';

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const records: T[] = [];
  for await (const record of stream) records.push(record);
  return records;
}

test('a join reports how many addresses were reached', async () => {
  await using rpc = await startServer();
  await using client = await Client.connect(rpc);

  expect(await client.join(['10.0.0.1', '10.0.0.2:7946'], { replay: true })).toBe(2);
  expect(await client.join([])).toBe(0);
  expect(rpc.host.asked).toEqual([
    ['join', ['10.0.0.1', '10.0.0.2:7946'], { replay: true }],
    ['join', [], { replay: false }],
  ]);
});

test('what the host refuses reaches the client word for word', async () => {
  const host = new FakeHost();
  const refusal = '1 error occurred:\n\t* failed to join 127.0.0.1:1: …\n\n';
  host.join = () => Promise.reject(new Error(refusal));
  host.forceLeave = () => Promise.reject(new Error('timed out broadcasting node removal'));
  await using rpc = await startServer({}, host);
  await using client = await Client.connect(rpc);

  await expect(client.join(['127.0.0.1:1'])).rejects.toMatchObject({ message: refusal });
  await expect(client.forceLeave('x')).rejects.toThrow('timed out broadcasting node removal');
  expect(await client.members()).toHaveLength(2);
});

test('a force-leave names its node, and whether to erase it', async () => {
  await using rpc = await startServer();
  await using client = await Client.connect(rpc);

  await client.forceLeave('gone');
  await client.forceLeave('gone', { prune: true });

  expect(rpc.host.asked).toEqual([
    ['forceLeave', 'gone', { prune: false }],
    ['forceLeave', 'gone', { prune: true }],
  ]);
});

test('members come through as they are', async () => {
  const host = new FakeHost();
  const six = new Uint8Array(16).fill(1);
  host.list = [alpha, member('ü', { address: six, status: 'failed', tags: { __proto__: 'x' } })];
  await using rpc = await startServer({}, host);
  await using client = await Client.connect(rpc);

  const members = await client.members();

  expect(members.map(({ name, address, status }) => [name, address, status])).toEqual([
    ['alpha', alpha.address, 'alive'],
    ['ü', six, 'failed'],
  ]);
  expect(members[0]?.versions).toEqual(alpha.versions);
});

test('ten thousand members are one answer', async () => {
  const host = new FakeHost();
  host.list = Array.from({ length: 10_000 }, (_, index) =>
    member(`node-${index}`, { tags: { role: 'web', zone: `z${index % 3}` } }),
  );
  await using rpc = await startServer({}, host);
  await using client = await Client.connect(rpc);

  expect(await client.members()).toHaveLength(10_000);
  expect(await client.membersFiltered({ tags: { zone: 'z1' } })).toHaveLength(3_333);
});

describe('members-filtered', () => {
  const hostWith = () => {
    const host = new FakeHost();
    host.list = [alpha, beta, member('gamma', { status: 'failed' })];
    return host;
  };

  test.each([
    [{}, ['alpha', 'beta', 'gamma']],
    [{ name: 'a' }, []],
    [{ name: 'al.*' }, ['alpha']],
    [{ name: 'alp|ma' }, ['alpha', 'gamma']],
    [{ status: '*' }, ['alpha', 'beta', 'gamma']],
    [{ status: 'failed' }, ['gamma']],
    [{ status: 'ALIVE' }, []],
    [{ status: '(?i)ALIVE' }, ['alpha', 'beta']],
    [{ tags: { role: 'd.*' } }, ['beta']],
    [{ tags: { role: '' } }, ['gamma']],
    [{ tags: { nosuch: '.*' } }, ['alpha', 'beta', 'gamma']],
    [{ tags: { constructor: '' } }, ['alpha', 'beta', 'gamma']],
    [{ tags: { role: '.+' }, name: 'b.*' }, ['beta']],
  ])('%j lists %j', async (filter, names) => {
    await using rpc = await startServer({}, hostWith());
    await using client = await Client.connect(rpc);

    expect((await client.membersFiltered(filter)).map(({ name }) => name)).toEqual(names);
  });

  test.each([{ name: '[' }, { status: '(' }, { tags: { role: 'a**' } }])(
    'a bad pattern in %j is an answer with the reason, and a line in the log',
    async (filter) => {
      await using rpc = await startServer({}, hostWith());
      await using client = await Client.connect(rpc);

      const reason = /^Failed to compile regex: error parsing regexp: /;
      await expect(client.membersFiltered(filter)).rejects.toThrow(reason);

      expect(rpc.lines.at(-1)).toMatch(
        /^\[ERR\] agent\.ipc: Failed to evaluate request: Failed to compile regex: error parsing/,
      );
      expect(await client.members()).toHaveLength(3);
    },
  );

  test('a pattern without measure is refused unread', async () => {
    await using rpc = await startServer({}, hostWith());
    await using client = await Client.connect(rpc);

    await expect(client.membersFiltered({ name: 'x'.repeat(5_000) })).rejects.toThrow(
      'patterns of more than 4096 characters',
    );
  });
});

describe('leave', () => {
  test('is answered before the agent shuts down', async () => {
    const host = new FakeHost();
    await using rpc = await startServer({}, host);
    host.shutdown = () => rpc.server.close();
    await using client = await Client.connect(rpc);

    await client.leave();

    expect(rpc.lines).toContain('[INFO] agent.ipc: Graceful leave triggered');
    await expect(client.members()).rejects.toThrow('client closed');
    await expect(Client.connect(rpc)).rejects.toThrow('connection refused');
  });

  test('shuts the agent down even when it failed', async () => {
    const host = new FakeHost();
    host.leave = () => Promise.reject(new Error('Leave already in progress'));
    await using rpc = await startServer({}, host);
    await using client = await Client.connect(rpc);

    await expect(client.leave()).rejects.toThrow('Leave already in progress');
    await client.members();

    expect(host.asked).toEqual([['shutdown']]);
    expect(rpc.lines).toContain('[ERR] agent.ipc: leave failed: Leave already in progress');
  });
});

test('stats are text in sections, and may take their time', async () => {
  const host = new FakeHost();
  const sections = { agent: { name: 'alpha' }, serf: { members: '2' }, tags: {} };
  host.stats = () => Promise.resolve(sections) as never;
  await using rpc = await startServer({}, host);
  await using client = await Client.connect(rpc);

  expect(await client.stats()).toEqual(sections);
});

test('an empty payload and none stay apart, on the way in and on the way out', async () => {
  await using rpc = await startServer();
  await using client = await Client.connect(rpc);
  const stream = await client.stream('user,query');

  for (const payload of [undefined, new Uint8Array()]) {
    await client.event('deploy', payload);
    await client.query('load', payload);
    rpc.host.emit({ type: 'user', ltime: 1, name: 'deploy', payload, coalesce: false });
    rpc.host.emit(query({ payload }));
  }
  await client.stats();
  await stream.stop();

  expect(rpc.host.asked).toMatchObject([
    ['event', 'deploy', undefined, false],
    ['query', { payload: undefined }],
    ['event', 'deploy', new Uint8Array(), false],
    ['query', { payload: new Uint8Array() }],
  ]);
  const told = await collect(stream);
  expect(told.map((event) => 'payload' in event && event.payload)).toEqual([
    undefined,
    undefined,
    new Uint8Array(),
    new Uint8Array(),
  ]);
});

describe('stream', () => {
  const deploy = {
    type: 'user',
    ltime: 2 ** 52,
    name: 'deploy',
    payload: undefined,
    coalesce: false,
  } as const;
  const query = {
    type: 'query',
    query: 1,
    ltime: 7,
    name: 'load',
    payload: undefined,
    from: 'beta',
    deadline: Date.now() + 60_000,
  } as const;
  const join = { type: 'member-join', members: [alpha] } as const;

  test('gives what passes its filter, in order, and queries a number of the connection', async () => {
    await using rpc = await startServer();
    await using client = await Client.connect(rpc);
    const stream = await client.stream('member-join,user:deploy,query');
    const second = await client.stream('query');

    for (const event of [deploy, { ...deploy, name: 'other' }, query, join, query]) {
      rpc.host.emit(event);
    }
    rpc.host.emit({ type: 'member-leave', members: [alpha] });
    await client.stats();
    await stream.stop();
    await second.stop();

    const { endpoint: _, ...record } = alpha;
    const got = await collect(stream);
    expect(got.map(({ type }) => type)).toEqual(['user', 'query', 'member-join', 'query']);
    expect(got[0]).toEqual({
      type: 'user',
      lamportTime: 2 ** 52,
      name: 'deploy',
      payload: undefined,
      coalesce: false,
    });
    expect(got[2]).toEqual({ type: 'member-join', members: [record] });
    const queries = [...got, ...(await collect(second))].filter(({ type }) => type === 'query');
    expect(new Set(queries.map((event) => 'id' in event && event.id))).toEqual(
      new Set([1, 2, 3, 4]),
    );
  });

  test('ends with its connection, and with stop', async () => {
    await using rpc = await startServer();
    const client = await Client.connect(rpc);
    const first = await client.stream();
    await client.stream();
    expect(rpc.host.subscribers).toBe(2);

    await first.stop();
    expect(rpc.host.subscribers).toBe(1);

    await client.close();
    await using other = await Client.connect(rpc);
    await other.stats();
    expect(rpc.host.subscribers).toBe(0);
  });

  test('one connection has its limit of them', async () => {
    await using rpc = await startServer();
    await using client = await Client.connect(rpc);
    await Promise.all(Array.from({ length: 256 }, () => client.stream()));

    await expect(client.stream()).rejects.toThrow('More than 256 streams');
  });
});

describe('monitor', () => {
  test('replays the ring from the level up, then goes on', async () => {
    const host = new FakeHost();
    for (let index = 1; index <= 600; index++) host.log('DEBUG', `test: ${index}`);
    await using rpc = await startServer({}, host);
    await using client = await Client.connect(rpc);
    const stream = await client.monitor('debug');

    host.log('TRACE', 'test: below');
    host.log('WARN', 'test: live\nof two lines\n');
    await client.stats();
    await stream.stop();
    const lines = await collect(stream);

    expect(lines).toHaveLength(513);
    // The connection's own arrival is one of the 512.
    expect(lines[0]).toBe('2026/11/23 12:50:07 [DEBUG] test: 90');
    expect(lines[511]).toContain('[INFO] agent.ipc: Accepted client: 127.0.0.1:');
    expect(lines[512]).toBe('2026/11/23 12:50:07 [WARN] test: live\nof two lines');
  });

  test('there is one on a connection, and after its stop another', async () => {
    await using rpc = await startServer();
    await using client = await Client.connect(rpc);
    const first = await client.monitor('ERR');

    await expect(client.monitor('err')).rejects.toThrow('Monitor already exists');
    await expect(client.monitor('')).rejects.toThrow(/^Unknown log level: $/);
    await first.stop();

    await client.monitor('WARN');
  });
});
