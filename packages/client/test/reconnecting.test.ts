import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Client } from '../src/index.js';
import { header, ok, type Script, say, startFakeAgent } from './fake-agent.js';

const emptyList = '81a74d656d6265727390';
const logLine = (digit: number) => `81a34c6f67a13${digit}`;
const hangUp: Script = ({ socket }) => socket.destroy();

/** An agent whose every new script speaks from its next request on. */
async function scriptedAgent(...scripts: Script[]) {
  const fake = await startFakeAgent((request) => {
    const script = scripts.length > 1 ? scripts.shift() : scripts[0];
    script?.(request);
  });
  return fake;
}

const members: Script = ({ seq, socket }) => say(socket, ok(seq), emptyList);

test('a request after the connection was lost goes out on the next one', async () => {
  await using agent = await scriptedAgent(hangUp, members);
  await using client = await Client.connect({ ...agent, reconnect: true });

  await expect(client.members()).rejects.toMatchObject({ code: 'CLOSED' });

  expect(await client.members()).toEqual([]);
});

test('without the option a connection that is lost stays lost', async () => {
  await using agent = await scriptedAgent(hangUp, members);
  await using client = await Client.connect(agent);

  await expect(client.members()).rejects.toMatchObject({ code: 'CLOSED' });

  await expect(client.members()).rejects.toMatchObject({ code: 'CLOSED' });
});

test('a stream goes on, and says how often something is missing', async () => {
  const asked: string[] = [];
  let connections = 0;
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    asked.push(command);
    if (command === 'stop') return say(socket, ok(seq));
    connections++;
    say(socket, ok(seq), ok(seq), logLine(connections));
    if (connections < 3) setImmediate(() => socket.destroy());
  });
  await using client = await Client.connect({ ...agent, reconnect: true });
  const stream = await client.monitor('INFO');

  const lines: string[] = [];
  for await (const line of stream) {
    lines.push(line);
    if (lines.length === 3) break;
  }

  expect(lines).toEqual(['1', '2', '3']);
  expect(stream.gaps).toBe(2);
  expect(asked).toEqual(['monitor', 'monitor', 'monitor', 'stop']);
});

test('a stream that the next agent refuses ends with its text', async () => {
  let connections = 0;
  await using agent = await startFakeAgent(({ seq, socket }) => {
    if (connections++ > 0) return say(socket, header(seq, 'Invalid event filter'));
    say(socket, ok(seq));
    setImmediate(() => socket.destroy());
  });
  await using client = await Client.connect({ ...agent, reconnect: true });

  const reading = (async () => {
    for await (const event of await client.stream('user')) throw new Error(`got ${event.type}`);
  })();

  await expect(reading).rejects.toMatchObject({
    code: 'REFUSED',
    message: 'Invalid event filter',
  });
});

test('a query does not outlive its connection', async () => {
  await using agent = await scriptedAgent(({ seq, socket }) => {
    say(socket, ok(seq));
    setImmediate(() => socket.destroy());
  });
  await using client = await Client.connect({ ...agent, reconnect: true });

  const reading = (async () => {
    for await (const update of await client.query('load')) throw new Error(`got ${update.type}`);
  })();

  await expect(reading).rejects.toMatchObject({ code: 'CLOSED' });
});

test('an agent that is away is waited for, but not for ever', async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    // A handshake, and nothing else.
    socket.once('data', () => say(socket, ok(1)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const address = `127.0.0.1:${port}`;
  await using client = await Client.connect({ address, reconnect: true, connectTimeoutMs: 300 });

  const closed = new Promise((resolve) => server.close(resolve));
  for (const socket of sockets) socket.destroy();
  await closed;
  await expect(client.stats()).rejects.toMatchObject({ code: 'CLOSED' });

  await expect(client.stats()).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    message: `dial tcp ${address}: connect: connection refused`,
  });
});

test('closing ends it all at once, while it looks for the agent too', async () => {
  await using agent = await scriptedAgent(({ command, seq, socket }) => {
    if (command === 'monitor') say(socket, ok(seq));
    else socket.destroy();
  });
  const client = await Client.connect({ ...agent, reconnect: true });
  const stream = await client.monitor();
  await agent[Symbol.asyncDispose]();
  await expect(client.stats()).rejects.toThrow();

  const late = client.stats();
  await client.close();
  await client.close();

  await expect(late).rejects.toMatchObject({ code: 'CLOSED', message: 'client closed' });
  await expect(client.stats()).rejects.toMatchObject({ code: 'CLOSED' });
  for await (const line of stream) throw new Error(`unexpected ${line}`);
});

test('an agent that accepts but says nothing is a time-out', async () => {
  const server = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };

  const address = `127.0.0.1:${port}`;
  await expect(Client.connect({ address, connectTimeoutMs: 100 })).rejects.toMatchObject({
    code: 'TIMEOUT',
  });
  server.close();
});
