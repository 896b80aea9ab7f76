import { afterEach, expect, test, vi } from 'vitest';
import type { QueryOptions } from '../../src/cluster/query.js';
import { addressOf, shutDownAll, soon, start, startThree } from './nodes.js';

afterEach(shutDownAll);

// A thread from source takes a while to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

test('an event reaches every member exactly once, its sender too, byte for byte', async () => {
  const members = await startThree();
  const [a] = members;
  const heard = members.map((member) => {
    const events: string[] = [];
    member.on('user', ({ name, payload, coalesce }) =>
      events.push(`${name} ${Buffer.from(payload ?? '').toString('hex')} ${coalesce}`),
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
    member.onQuery(
      'load',
      ({ from, payload }) => `${member.name} ${from} ${Buffer.from(payload ?? '')}`,
    );
  }
  const asked = async (options: QueryOptions) => {
    const query = await a.query('load', '15m', { requestAck: true, timeoutMs: 30_000, ...options });
    const { acks, responses, early } = await query.finished;
    const answers = responses.map(({ payload }) => Buffer.from(payload ?? '').toString());
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
  for await (const { payload } of query.responses())
    answers.push(Buffer.from(payload ?? '').toString());

  expect(answers).toEqual(['first']);
  await vi.waitFor(() => expect(said).toHaveLength(2), soon);
  expect(said[0]).toMatch(/response already sent/);
  expect(said[1]).toMatch(/response (is past the deadline|already sent)/);
});
