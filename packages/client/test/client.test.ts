import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Client, RpcError } from '../src/index.js';
import { header, ok, say, startFakeAgent } from './fake-agent.js';

const emptyList = '81a74d656d6265727390';
const deployEvent =
  '85a8436f616c65736365c3a54576656e74a475736572a54c54696d6502a44e616d65a66465706c6f79a75061796c6f6164c403616263';
const logLine = '81a34c6f67a86f6e65206c696e65';

test('records, late records and replies each find their reader', async () => {
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    if (command === 'stream') say(socket, ok(seq), ok(seq), deployEvent);
    // Two more records of the stopped stream come before and after the answer to `stop`.
    if (command === 'stop') say(socket, ok(2), deployEvent, ok(seq), ok(2), deployEvent);
    if (command === 'members') say(socket, ok(seq), emptyList);
  });
  await using client = await Client.connect(agent);

  const seen = [];
  for await (const event of await client.stream('user')) {
    seen.push(event);
    break;
  }

  expect(seen).toEqual([
    {
      type: 'user',
      lamportTime: 2,
      name: 'deploy',
      payload: new Uint8Array([0x61, 0x62, 0x63]),
      coalesce: true,
    },
  ]);
  expect(await client.members()).toEqual([]);
});

test('a second "Authentication required" for one command is skipped', async () => {
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    if (command === 'join') {
      say(socket, header(seq, 'Authentication required'), header(seq, 'Authentication required'));
    } else say(socket, ok(seq), emptyList);
  });
  await using client = await Client.connect(agent);

  await expect(client.join(['10.0.0.1'])).rejects.toMatchObject({
    code: 'REFUSED',
    message: 'Authentication required',
  });
  expect(await client.members()).toEqual([]);
});

test('an answer nobody waits for is skipped with its body', async () => {
  await using agent = await startFakeAgent(({ seq, socket }) => {
    say(socket, ok(99), deployEvent, ok(98), ok(seq), emptyList);
  });
  await using client = await Client.connect(agent);

  expect(await client.members()).toEqual([]);
});

test('an error that comes with a body is the agent’s own text', async () => {
  const text = '1 error occurred:\n\t* failed\n\n';
  await using agent = await startFakeAgent(({ seq, socket }) => {
    say(socket, header(seq, text), '81a34e756d00');
  });
  await using client = await Client.connect(agent);

  await expect(client.join(['10.0.0.1'])).rejects.toThrow(new RpcError('REFUSED', text));
});

test('an error whose body the agent left out is noticed at its next message', async () => {
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    say(socket, header(seq, command === 'members' ? 'boom' : ''));
    if (command === 'stats') say(socket, '80');
  });
  await using client = await Client.connect(agent);

  const members = client.members();
  const stats = client.stats();

  await expect(members).rejects.toMatchObject({ code: 'REFUSED', message: 'boom' });
  expect(await stats).toEqual({});
});

test('one byte at a time is enough', async () => {
  await using agent = await startFakeAgent(async ({ seq, socket }) => {
    socket.setNoDelay();
    for (const byte of Buffer.from(ok(seq) + emptyList, 'hex')) {
      socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  await using client = await Client.connect(agent);

  expect(await client.members()).toEqual([]);
});

test('answers find their requests when many are under way', async () => {
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    if (command === 'members') say(socket, ok(seq), emptyList);
    else say(socket, header(seq, `no ${seq}`));
  });
  await using client = await Client.connect(agent);

  const lists = Array.from({ length: 20 }, () => client.members());
  const refused = client.forceLeave('gone');

  await expect(refused).rejects.toThrow('no 22');
  expect(await Promise.all(lists)).toHaveLength(20);
});

test('a connection that ends before the answer is "client closed", inside it "EOF"', async () => {
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    if (command === 'members') say(socket, ok(seq));
    socket.end();
  });

  await using first = await Client.connect(agent);
  await expect(first.stats()).rejects.toMatchObject({ code: 'CLOSED', message: 'client closed' });
  await expect(first.stats()).rejects.toMatchObject({ code: 'CLOSED', message: 'client closed' });

  await using second = await Client.connect(agent);
  await expect(second.members()).rejects.toMatchObject({ code: 'CLOSED', message: 'EOF' });
});

test('a lost connection ends a stream with an error, after what had come', async () => {
  await using agent = await startFakeAgent(({ seq, socket }) => {
    say(socket, ok(seq), ok(seq), logLine);
    setImmediate(() => socket.end());
  });
  await using client = await Client.connect(agent);
  const lines: string[] = [];

  const reading = (async () => {
    for await (const line of await client.monitor('INFO')) lines.push(line);
  })();

  await expect(reading).rejects.toMatchObject({ code: 'CLOSED', message: 'client closed' });
  expect(lines).toEqual(['one line']);
});

test('closing the client ends its streams quietly', async () => {
  await using agent = await startFakeAgent(({ seq, socket }) => say(socket, ok(seq)));
  const client = await Client.connect(agent);
  const stream = await client.stream();

  await client.close();
  await client.close();

  for await (const event of stream) throw new Error(`unexpected ${event.type}`);
});

test('a refused stream is an error, and stopping it needs nothing', async () => {
  await using agent = await startFakeAgent(({ seq, socket }) => {
    say(socket, header(seq, 'Invalid event filter'));
  });
  await using client = await Client.connect(agent);

  await expect(client.stream('bogus')).rejects.toMatchObject({
    code: 'REFUSED',
    message: 'Invalid event filter',
  });
});

test('events of an unknown kind are skipped', async () => {
  const unknown = '81a54576656e74a6666c79696e67';
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    say(socket, ok(seq));
    if (command === 'stream') say(socket, ok(seq), unknown, ok(seq), deployEvent);
  });
  await using client = await Client.connect(agent);

  for await (const event of await client.stream()) {
    expect(event.type).toBe('user');
    break;
  }
});

test('a reader that is too slow loses records, and is told how many', async () => {
  const burst = (ok(2) + logLine).repeat(9_000);
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    if (command === 'monitor') say(socket, ok(seq), burst);
    else say(socket, ok(seq), emptyList);
  });
  await using client = await Client.connect(agent);

  const stream = await client.monitor();
  await client.members();

  expect(stream.dropped).toBe(9_000 - 8_192);
});

test('an answer that takes too long is a timeout, and may still come', async () => {
  let late = () => {};
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    if (command === 'stats') late = () => say(socket, ok(seq), '80');
    else {
      late();
      say(socket, ok(seq), emptyList);
    }
  });
  await using client = await Client.connect({ ...agent, replyTimeoutMs: 500 });

  await expect(client.stats()).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(await client.members()).toEqual([]);
});

test('the token goes out after the handshake, and a wrong one is refused', async () => {
  const commands: string[] = [];
  await using agent = await startFakeAgent(({ command, seq, socket }) => {
    commands.push(command);
    say(socket, header(seq, 'Invalid authentication token'));
  });

  await expect(Client.connect({ ...agent, authKey: 'wrong' })).rejects.toMatchObject({
    code: 'REFUSED',
    message: 'Invalid authentication token',
  });
  expect(commands).toEqual(['auth']);
});

test.each([
  ['speaks another protocol', (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n')],
  ['hangs up', (socket: Socket) => socket.end()],
])('a peer that %s is "client closed"', async (_what, act) => {
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('data', () => act(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };

  await expect(Client.connect({ address: `127.0.0.1:${port}` })).rejects.toThrow('client closed');
  server.close();
});

test.each([
  ['a header', 'HTTP/1.1 400 Bad Request\r\n', 'client closed'],
  ['bytes that begin nothing', '\xc1', 'client closed'],
  ['a header with other types', '\x82\xa5Error\x07\xa3Seq\x02', 'client closed'],
  ['a body', '\x82\xa5Error\xa0\xa3Seq\x02\x07', /^not the RPC protocol: a map was expected/],
  ['bytes for a body', '\x82\xa5Error\xa0\xa3Seq\x02\xc1', /^not the RPC protocol: byte c1/],
])('%s of another protocol ends the connection', async (_what, bytes, message) => {
  await using agent = await startFakeAgent(({ socket }) => socket.write(bytes, 'latin1'));
  await using client = await Client.connect(agent);

  await expect(client.members()).rejects.toMatchObject({
    code: 'PROTOCOL',
    message: expect.stringMatching(message),
    cause: expect.any(Error),
  });
});

test('members come with their bytes and versions, and nil tags are none', async () => {
  const member = `8ba441646472c410${'00'.repeat(10)}ffff7f000001ab44656c65676174654375
    7205ab44656c65676174654d617805ab44656c65676174654d696e02a44e616d65a162a4506f7274cd461bab50726f746f63
    6f6c43757202ab50726f746f636f6c4d617805ab50726f746f636f6c4d696e01a6537461747573a5616c697665a454616773c0`;
  await using agent = await startFakeAgent(({ seq, socket }) => {
    say(socket, ok(seq), '81a74d656d6265727391', member.replace(/\s/g, ''));
  });
  await using client = await Client.connect(agent);

  expect(await client.members()).toEqual([
    {
      name: 'b',
      address: new Uint8Array([...new Array(10).fill(0), 0xff, 0xff, 127, 0, 0, 1]),
      port: 17_947,
      tags: {},
      status: 'alive',
      versions: {
        protocolMin: 1,
        protocolMax: 5,
        protocolCurrent: 2,
        delegateMin: 2,
        delegateMax: 5,
        delegateCurrent: 5,
      },
    },
  ]);
});
