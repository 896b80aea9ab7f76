import { Client, KeyError, type RecordStream, RpcError } from '@tserf/client';
import { describe, expect, test } from 'vitest';
import { Agent, type AgentSettings, type CommandLine } from './agents.ts';
import { eventually } from './eventually.ts';

const firstKey = 'T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s=';
const secondKey = '5K9OtfP7efFrNKe5WCQvXvnaXJ5cWP0SvXiwe0kkjM4=';

const bytes = (text: string) => new TextEncoder().encode(text);

async function collect<T>(records: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const record of records) all.push(record);
  return all;
}

/** The next record that `fits`. Leaves the stream open. */
async function next<T>(records: AsyncIterator<T>, fits: (record: T) => boolean): Promise<T> {
  for (;;) {
    const { value, done } = await records.next();
    if (done) throw new Error('the stream ended');
    if (fits(value)) return value;
  }
}

/** An iterator that can be asked again and again, unlike `for await`, which ends its stream. */
const readerOf = <T>(stream: RecordStream<T>) => stream[Symbol.asyncIterator]();

/** Declares the tests of the client with agents of one kind: every command, in success and in failure. */
export function everyCommand(line: CommandLine): void {
  const start = (node: string, settings: Partial<AgentSettings> = {}) =>
    Agent.start(line, { node, ...settings });
  const pair = async (settings: Partial<AgentSettings> = {}) => {
    const [alpha, beta] = await Promise.all([start('alpha', settings), start('beta', settings)]);
    const client = await Client.connect({ address: alpha.rpc });
    expect(await client.join([beta.gossip])).toBe(1);
    return { alpha, beta, client };
  };

  test('members, joins, forced leaves, leaves', async () => {
    const { beta, client } = await pair({ tags: { role: 'web' } });
    await using _ = client;

    const names = async () => (await client.members()).map(({ name, status }) => [name, status]);
    expect((await names()).sort()).toEqual([
      ['alpha', 'alive'],
      ['beta', 'alive'],
    ]);
    const [found] = await client.membersFiltered({ name: 'be.*', tags: { role: 'w.b' } });
    expect(found).toMatchObject({ name: 'beta', tags: { role: 'web' }, status: 'alive' });
    expect(`${found?.address.join('.')}:${found?.port}`).toBe(beta.gossip);
    expect(await client.membersFiltered({ status: 'failed' })).toEqual([]);

    expect(await client.join([])).toBe(0);
    await expect(client.join(['127.0.0.1:1'])).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringMatching(/^1 error occurred:\n\t\* .*connection refused\n\n$/),
    });

    await beta.kill();
    await eventually(async () => expect(await names()).toContainEqual(['beta', 'failed']), {
      withinMs: 60_000,
    });
    await client.forceLeave('beta');
    await eventually(async () => expect(await names()).toContainEqual(['beta', 'left']), {
      withinMs: 10_000,
    });
    await client.forceLeave('beta', { prune: true });
    await eventually(async () => expect(await names()).toEqual([['alpha', 'alive']]), {
      withinMs: 15_000,
    });
    await client.forceLeave('nobody');

    await client.leave();
    await eventually(() => expect(client.members()).rejects.toMatchObject({ code: 'CLOSED' }), {
      withinMs: 10_000,
    });
  });

  test('events, sent and received; the largest and the next', async () => {
    const { alpha, client } = await pair();
    await using _ = client;
    await using listener = await Client.connect({ address: alpha.rpc });
    const users = readerOf(await listener.stream('user:deploy'));
    const payload = new Uint8Array([0, 0xff, 0x80, 0x0a]);

    await client.event('ignored', 'x');
    await client.event('deploy', payload);
    await client.event('deploy');
    await client.event('deploy', 'grün', { coalesce: true });

    const seen = [];
    for (let index = 0; index < 3; index += 1) seen.push((await users.next()).value);
    expect(seen).toEqual([
      { type: 'user', name: 'deploy', payload, coalesce: false, lamportTime: expect.any(Number) },
      expect.objectContaining({ payload: undefined, coalesce: false }),
      expect.objectContaining({ payload: bytes('grün'), coalesce: true }),
    ]);
    await expect(client.event('deploy', new Uint8Array(600))).rejects.toMatchObject({
      code: 'REFUSED',
      message: 'user event exceeds configured limit of 512 bytes before encoding',
    });
  });

  test('queries: asked, filtered, answered over RPC, refused', async () => {
    const { alpha, beta, client } = await pair();
    await using _ = client;
    await using node = await Client.connect({ address: beta.rpc });
    const asked = readerOf(await node.stream('query:load'));

    const answering = (async () => {
      const event = await next(asked, ({ type }) => type === 'query');
      if (event.type !== 'query') throw new Error('no query');
      await node.respond(event.id, '0.5');
      await expect(node.respond(event.id, 'again')).rejects.toMatchObject({
        code: 'REFUSED',
        message: 'failed to respond to key query: response already sent',
      });
      await expect(node.respond(99)).rejects.toThrow('No pending queries matching ID');
      return event;
    })();
    const query = await client.query('load', '5m', { requestAck: true, timeoutMs: 1_500 });
    const updates = await collect(query);

    expect(await answering).toMatchObject({ name: 'load', payload: bytes('5m') });
    const acks = updates.flatMap((update) => (update.type === 'ack' ? [update.from] : []));
    expect(acks.sort()).toEqual(['alpha', 'beta']);
    const responses = updates.filter(({ type }) => type === 'response');
    expect(responses).toEqual([{ type: 'response', from: 'beta', payload: bytes('0.5') }]);

    const options = { requestAck: true, timeoutMs: 700 };
    const some = await collect(await client.query('x', '', { ...options, filterNodes: ['beta'] }));
    expect(some).toEqual([{ type: 'ack', from: 'beta' }]);
    const tags = { filterTags: { role: 'web' }, relayFactor: 2 };
    expect(await collect(await client.query('x', '', { ...options, ...tags }))).toEqual([]);
    const early = await client.query('x', '', { timeoutMs: -1, early: true });
    expect(await collect(early)).toEqual([]);

    await expect(client.query('_serf_x')).rejects.toThrow(
      "Queries cannot contain the '_serf_' prefix",
    );
    await expect(client.query('load', new Uint8Array(2_000))).rejects.toThrow(
      'query exceeds limit of 1024 bytes',
    );
    expect(alpha.process.alive).toBe(true);
  });

  test('tags, and the update that everybody hears of', async () => {
    const { beta, client } = await pair({ tags: { role: 'web', old: '1' } });
    await using _ = client;
    await using listener = await Client.connect({ address: beta.rpc });
    const changes = readerOf(await listener.stream('member-join,member-update'));

    await client.updateTags({ set: { role: 'db' }, delete: ['old', 'absent'] });

    // Right after a join, agents tell of the join alone, with the newest tags.
    await next(
      changes,
      (event) =>
        'members' in event &&
        event.members.some(({ name, tags }) => name === 'alpha' && tags['role'] === 'db'),
    );
    await client.updateTags({});
    await expect(client.updateTags({ set: { long: 'x'.repeat(600) } })).rejects.toThrow(
      'Encoded length of tags exceeds limit of 512 bytes',
    );
    const [alpha] = await client.membersFiltered({ name: 'alpha' });
    expect(alpha?.tags).toEqual({ role: 'db' });
  });

  test('keys, on all nodes of an encrypted cluster, and where there are none', async () => {
    const { client } = await pair({ flags: [`-encrypt=${firstKey}`] });
    await using _ = client;

    expect(await client.installKey(secondKey)).toMatchObject({ numNodes: 2, numResponses: 2 });
    expect((await client.listKeys()).keys).toEqual({ [firstKey]: 2, [secondKey]: 2 });
    await client.useKey(secondKey);
    const refused = client.removeKey(secondKey);
    await expect(refused).rejects.toThrow('2/2 nodes reported failure');
    await expect(refused).rejects.toBeInstanceOf(KeyError);
    await expect(refused).rejects.toMatchObject({
      report: {
        numErrors: 2,
        messages: { beta: expect.stringMatching(/removing the primary key is not allowed/i) },
      },
    });
    await client.removeKey(firstKey);
    expect((await client.listKeys()).keys).toEqual({ [secondKey]: 2 });
    await expect(client.installKey('bad!')).rejects.toThrow('illegal base64 data at input byte 3');

    const plain = await start('plain');
    await using other = await Client.connect({ address: plain.rpc });
    await expect(other.listKeys()).rejects.toMatchObject({
      message: '1/1 nodes reported failure',
      report: { messages: { plain: 'Keyring is empty (encryption not enabled)' } },
    });
  });

  test('coordinates, what the agent says of itself, its log', async () => {
    const { client } = await pair();
    await using _ = client;

    expect(await client.getCoordinate('alpha')).toMatchObject({
      vector: expect.objectContaining({ length: 8 }),
      height: expect.any(Number),
    });
    expect(await client.getCoordinate('nobody')).toBeUndefined();
    expect(await client.stats()).toMatchObject({
      agent: { name: 'alpha' },
      serf: { members: '2', encrypted: 'false' },
    });

    const lines = readerOf(await client.monitor('debug'));
    await next(lines, (text) => text.includes('[INFO] agent.ipc: Accepted client: 127.0.0.1:'));
    await client.event('seen-in-the-log');
    await next(lines, (text) => text.includes('[DEBUG]') && text.includes('seen-in-the-log'));
    await expect(client.monitor()).rejects.toThrow('Monitor already exists');
    await lines.return();
    const again = await client.monitor('err');
    await again.stop();
    await expect(client.monitor('loud')).rejects.toThrow('Unknown log level: LOUD');
    await expect(client.stream('user, query')).rejects.toThrow('Invalid event filter');
  });

  describe('an agent that goes', () => {
    test('and comes back is found again where that is wished for; streams go on', async () => {
      const first = await start('alpha');
      const [gossipPort = 0, rpcPort = 0] = [first.gossip, first.rpc].map((address) =>
        Number(address.split(':')[1]),
      );
      await using client = await Client.connect({ address: first.rpc, reconnect: true });
      const stream = await client.stream('user');
      const events = readerOf(stream);
      await client.event('before');
      expect((await events.next()).value).toMatchObject({ name: 'before' });

      await first.kill();
      await start('alpha', { gossipPort, rpcPort });
      await eventually(() => expect(stream.gaps).toBe(1), { withinMs: 20_000 });

      await client.event('after');
      expect((await events.next()).value).toMatchObject({ name: 'after' });
    });

    test('to sleep is noticed by everything that has a limit', async () => {
      const agent = await start('alpha');
      const options = { address: agent.rpc, replyTimeoutMs: 700, connectTimeoutMs: 700 };
      await using client = await Client.connect(options);
      const query = await client.query('load', '', { timeoutMs: 30_000 });

      agent.freeze();

      // It may answer once more until the signal has reached all its threads.
      await eventually(() => expect(client.members()).rejects.toMatchObject({ code: 'TIMEOUT' }), {
        withinMs: 10_000,
      });
      await expect(collect(query)).rejects.toMatchObject({ code: 'TIMEOUT' });
      await expect(Client.connect(options)).rejects.toBeInstanceOf(RpcError);
      agent.thaw();
      await eventually(async () => expect(await client.members()).toHaveLength(1), {
        withinMs: 20_000,
      });
    });
  });
}
