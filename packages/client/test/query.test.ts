import { expect, test } from 'vitest';
import { Client } from '../src/index.js';
import { header, ok, say, startFakeAgent } from './fake-agent.js';

const record = (from: string, payload: string, type: string) =>
  `83a446726f6d${text(from)}a75061796c6f6164${payload}a454797065${text(type)}`;
const text = (value: string) =>
  (0xa0 + value.length).toString(16) + Buffer.from(value).toString('hex');
const nil = 'c0';
const nobody = [record('', nil, 'ack'), record('', nil, 'response')];
const done = record('', nil, 'done');

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of stream) all.push(one);
  return all;
}

test('acks and answers come as they arrive, and what nobody sent is skipped', async () => {
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    say(socket, ok(seq));
    if (command !== 'query') return;
    const records = [
      record('alpha', nil, 'ack'),
      record('alpha', 'c4026869', 'response'),
      record('beta', 'a26869', 'response'),
      record('gamma', nil, 'response'),
      record('gamma', nil, 'verdict'),
      ...nobody,
      ...nobody,
      done,
    ];
    for (const one of records) say(socket, ok(seq), one);
  });
  await using client = await Client.connect(agent);

  const updates = await collect(await client.query('load'));

  expect(updates).toEqual([
    { type: 'ack', from: 'alpha' },
    { type: 'response', from: 'alpha', payload: new Uint8Array([0x68, 0x69]) },
    { type: 'response', from: 'beta', payload: new Uint8Array([0x68, 0x69]) },
    { type: 'response', from: 'gamma', payload: undefined },
  ]);
});

test('what comes behind the end of a query finds nobody', async () => {
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    say(socket, ok(seq));
    if (command === 'query') for (const one of [done, ...nobody, done]) say(socket, ok(seq), one);
    if (command === 'members') say(socket, '81a74d656d6265727390');
  });
  await using client = await Client.connect(agent);

  expect(await collect(await client.query('load'))).toEqual([]);
  expect(await client.members()).toEqual([]);
});

test('a query that the agent refuses is an error, with the agent’s text', async () => {
  const refusal = 'query exceeds limit of 1024 bytes';
  await using agent = await startFakeAgent(({ seq, socket }) => say(socket, header(seq, refusal)));
  await using client = await Client.connect(agent);

  await expect(client.query('load', new Uint8Array(2_000))).rejects.toMatchObject({
    code: 'REFUSED',
    message: refusal,
  });
});

test('a query that is no longer wanted is forgotten, without a word to the agent', async () => {
  const commands: string[] = [];
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    commands.push(command);
    if (command === 'query') say(socket, ok(seq), ok(seq), record('alpha', nil, 'ack'));
    else say(socket, ok(2), done, ok(seq), '81a74d656d6265727390');
  });
  await using client = await Client.connect(agent);

  for await (const { from } of await client.query('load', '', { requestAck: true })) {
    expect(from).toBe('alpha');
    break;
  }

  expect(await client.members()).toEqual([]);
  expect(commands).toEqual(['query', 'members']);
});

test('a connection that is lost ends a query with an error', async () => {
  await using agent = await startFakeAgent(({ seq, socket }) => {
    say(socket, ok(seq), ok(seq), record('alpha', nil, 'ack'));
    setImmediate(() => socket.end());
  });
  await using client = await Client.connect(agent);

  await expect(collect(await client.query('load'))).rejects.toMatchObject({
    code: 'CLOSED',
    message: 'client closed',
  });
});

test('an agent that answers no more ends a query where replies have their limit', async () => {
  let isFrozen = false;
  const commands: string[] = [];
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    commands.push(command);
    if (!isFrozen) say(socket, ok(seq));
    // It answers the first look after it, and then freezes.
    if (command === 'stop') isFrozen = true;
  });
  await using client = await Client.connect({ ...agent, replyTimeoutMs: 50 });

  await expect(collect(await client.query('load'))).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(commands).toEqual(['query', 'stop', 'stop']);
});
