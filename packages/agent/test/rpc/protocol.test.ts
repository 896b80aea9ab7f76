import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answer,
  emptyMembers,
  FakeHost,
  handshake,
  ok,
  request,
  startServer,
  text,
} from './fake-host.js';

const stop = (seq: string) => `82${text('Command')}${text('stop')}${text('Seq')}${seq}80`;

function emptyHost(): FakeHost {
  const host = new FakeHost();
  host.list = [];
  return host;
}

test.each([
  '00',
  '7f',
  'cc80',
  'ce7fffffff',
  'cf0000000100000000',
  'cf0020000000000000',
  'cf8000000000000005',
  'cfffffffffffffffff',
])('Seq %s comes back as it was', async (seq) => {
  await using rpc = await startServer();
  const client = await (await rpc.connect()).shakeHands();

  client.send(stop(seq));

  await client.expect(`82${text('Error')}${text('')}${text('Seq')}${seq}`);
});

test('a Seq in a wide form comes back in the shortest', async () => {
  await using rpc = await startServer();
  const client = await (await rpc.connect()).shakeHands();

  client.send(stop('cf0000000000000007'), stop('d107d0'));

  await client.expect(ok(7), `82${text('Error')}${text('')}${text('Seq')}cd07d0`);
});

test('one byte at a time is enough', async () => {
  await using rpc = await startServer({}, emptyHost());
  const client = await rpc.connect();

  for (const byte of Buffer.from(handshake + request('members', 1), 'hex')) {
    client.socket.write(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }

  await client.expect(ok(0), ok(1), emptyMembers);
});

test('a hundred requests in one segment are answered in order', async () => {
  await using rpc = await startServer({}, emptyHost());
  const client = await rpc.connect();
  const numbers = Array.from({ length: 100 }, (_, index) => index + 1);

  client.send(handshake, ...numbers.map((seq) => request('members', seq)));

  await client.expect(ok(0), ...numbers.map((seq) => ok(seq) + emptyMembers));
});

test('requests sent before the client closed its half are answered', async () => {
  await using rpc = await startServer({}, emptyHost());
  const client = await rpc.connect();

  client.send(handshake, request('members', 1));
  client.socket.end();

  expect(await client.untilClosed()).toBe(ok(0) + ok(1) + emptyMembers);
});

test('a slow command holds up its own connection only, and pushed records go on', async () => {
  const host = emptyHost();
  let finishJoin = (_joined: number) => {};
  host.join = () => new Promise((resolve) => (finishJoin = resolve));
  await using rpc = await startServer({}, host);
  const client = await (await rpc.connect()).shakeHands();
  const other = await (await rpc.connect()).shakeHands();
  client.send(request('stream', 1), '80');
  await client.expect(ok(1));

  client.send(request('join', 2), '80', request('members', 3));
  other.send(request('members', 4));
  await other.expect(ok(4), emptyMembers);
  host.emit({ type: 'member-join', members: [] });

  await client.expect(ok(1), '82a54576656e74ab6d656d6265722d6a6f696ea74d656d6265727390');
  finishJoin(1);
  await client.expect(ok(2), '81a34e756d01', ok(3), emptyMembers);
});

describe('malformed input closes the connection without a reply, and a new one works', () => {
  const nested = (depth: number) => `81a158${'91'.repeat(depth - 1)}90`;
  test.each([
    ['no msgpack', 'c1', 'failed to decode request header: '],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex'), 'failed to decode'],
    ['a number for a header', '07', 'failed to decode request header: '],
    ['text for a header', 'a161', 'failed to decode request header: '],
    ['bin for a header', 'c40161', 'failed to decode request header: '],
    ['an integer as a key', '8101a161', 'failed to decode request header: '],
    ['text for Seq', `82${text('Command')}${text('members')}${text('Seq')}a131`, 'failed to'],
    ['a float for Seq', `82${text('Command')}${text('members')}${text('Seq')}ca3f800000`, 'failed'],
    ['a negative Seq', `82${text('Command')}${text('members')}${text('Seq')}ff`, 'failed to'],
    [
      'a body that is text',
      `${request('join', 1)}a161`,
      'Failed to evaluate request: decode failed',
    ],
    ['a body that is a number', `${request('join', 1)}07`, 'Failed to evaluate request: decode'],
    ['a number for Node', `${request('force-leave', 1)}81${text('Node')}07`, 'Failed to evaluate'],
    ['2 for Prune', `${request('force-leave', 1)}81${text('Prune')}02`, 'Failed to evaluate'],
    [
      'text for Version',
      `${request('handshake', 1)}81${text('Version')}a131`,
      'Failed to evaluate',
    ],
    ['a float for Version', `${request('handshake', 1)}81${text('Version')}ca3f800000`, 'Failed'],
    ['nesting of 33', request('join', 1) + nested(33), 'Failed to evaluate request: decode failed'],
    [
      'a header of 1 MiB',
      `81a158db00100000${'61'.repeat(1024 * 1024)}`,
      'failed to decode request',
    ],
    ['a list of 2^32−1', `${request('join', 1)}81${text('Existing')}ddffffffff`, 'Failed to'],
  ])('%s', async (_what, bytes, logged) => {
    await using rpc = await startServer({}, emptyHost());
    const client = await (await rpc.connect()).shakeHands();

    client.send(bytes);

    expect(await client.untilClosed()).toBe('');
    expect(rpc.lines.at(-1)).toContain(`[ERR] agent.ipc: ${logged}`);
    const next = await (await rpc.connect()).shakeHands();
    next.send(request('members', 1));
    await next.expect(ok(1), emptyMembers);
  });
});

describe('unusual input that Go takes is taken', () => {
  const member = (node: string) => ['forceLeave', node, { prune: false }];
  test.each([
    [
      'bin for keys and Command',
      `82c407${Buffer.from('Command').toString('hex')}c40b${Buffer.from('force-leave').toString('hex')}${text('Seq')}0181${text('Node')}a178`,
      'x',
    ],
    ['a nil body', `${request('force-leave', 1)}c0`, ''],
    ['an array body', `${request('force-leave', 1)}92a178c2`, 'x'],
    ['an array header', `92${text('force-leave')}0181${text('Node')}a178`, 'x'],
    ['an array header that is too long', `93${text('force-leave')}010781${text('Node')}a178`, 'x'],
    [
      'unknown keys of any value',
      `${request('force-leave', 1)}84${text('A')}cb3ff0000000000000${text('B')}d6ff00000000${text('C')}9180${text('Node')}a178`,
      'x',
    ],
    ['a key twice', `${request('force-leave', 1)}82${text('Node')}a179${text('Node')}a178`, 'x'],
    ['0 for a boolean', `${request('force-leave', 1)}82${text('Node')}a178${text('Prune')}00`, 'x'],
    [
      'nesting of 32',
      `${request('force-leave', 1)}82${text('Node')}a178a158${'91'.repeat(30)}90`,
      'x',
    ],
  ])('%s', async (_what, bytes, node) => {
    await using rpc = await startServer();
    const client = await (await rpc.connect()).shakeHands();

    client.send(bytes);

    await client.expect(ok(1));
    expect(rpc.host.asked).toEqual([member(node)]);
  });
});

describe('what a header leaves out', () => {
  test('is as in the one before: its Seq, and even its Command', async () => {
    await using rpc = await startServer({}, emptyHost());
    const client = await (await rpc.connect()).shakeHands();

    client.send(request('members', 5), `81${text('Command')}${text('members')}`);
    await client.expect(ok(5), emptyMembers, ok(5), emptyMembers);
    client.send('80', `81${text('Seq')}06`, `82${text('Command')}c0${text('Seq')}07`);

    await client.expect(ok(5), emptyMembers, ok(6), emptyMembers);
    expect(await client.untilClosed()).toBe(answer(7, 'Unsupported command'));
  });

  test('is as in the one before in an array too', async () => {
    await using rpc = await startServer({}, emptyHost());
    const client = await (await rpc.connect()).shakeHands();

    client.send(request('members', 5), `91${text('members')}`, '90');

    await client.expect(ok(5), emptyMembers, ok(5), emptyMembers, ok(5), emptyMembers);
  });

  test('is not meant by nil: that Seq is zero', async () => {
    await using rpc = await startServer({}, emptyHost());
    const client = await (await rpc.connect()).shakeHands();

    client.send(request('members', 5), `82${text('Command')}${text('members')}${text('Seq')}c0`);

    await client.expect(ok(5), emptyMembers, ok(0), emptyMembers);
  });

  test('is everything when the header is nil: that is no command', async () => {
    await using rpc = await startServer();
    const client = await (await rpc.connect()).shakeHands();

    client.send(request('stop', 5), '80', 'c0');

    expect(await client.untilClosed()).toBe(ok(5) + answer(0, 'Unsupported command'));
    expect(rpc.lines.at(-1)).toContain("command '' not recognized");
  });
});

test('a body to a command without one runs the command again, as in Go', async () => {
  await using rpc = await startServer({}, emptyHost());
  const client = await (await rpc.connect()).shakeHands();

  client.send(request('members', 1), '81a4586578740a', request('members', 2));

  await client.expect(ok(1), emptyMembers, ok(1), emptyMembers, ok(2), emptyMembers);
});

test('a list where a map is wanted waits for more, and what comes is refused', async () => {
  await using rpc = await startServer();
  const client = await (await rpc.connect()).shakeHands();
  const other = await (await rpc.connect()).shakeHands();

  client.send(request('members-filtered', 1), `81${text('Tags')}91a161`);
  other.send(stop('05'));
  await other.expect(ok(5));
  expect(client.socket.closed).toBe(false);

  client.send(request('members', 2));
  expect(await client.untilClosed()).toBe('');
});

test('an unknown command is refused and logged in one line', async () => {
  await using rpc = await startServer();
  const client = await (await rpc.connect()).shakeHands();

  client.send(request('nope\nfoo', 5), handshake);

  expect(await client.untilClosed()).toBe(answer(5, 'Unsupported command'));
  expect(rpc.lines.at(-1)).toBe(
    "[ERR] agent.ipc: Failed to evaluate request: command 'nope\\nfoo' not recognized",
  );
});

test('an unfinished object is waited for', async () => {
  await using rpc = await startServer({}, emptyHost());
  const client = await (await rpc.connect()).shakeHands();
  const bytes = request('members', 1);

  client.send(bytes.slice(0, 20));
  const other = await (await rpc.connect()).shakeHands();
  other.send(request('members', 2));
  await other.expect(ok(2), emptyMembers);
  client.send(bytes.slice(20));

  await client.expect(ok(1), emptyMembers);
});

test('a client that hangs up leaves no line but its arrival', async () => {
  await using rpc = await startServer();
  const client = await (await rpc.connect()).shakeHands();
  const { localPort } = client.socket;

  client.socket.end();
  await client.untilClosed();

  expect(rpc.lines).toEqual([`[INFO] agent.ipc: Accepted client: 127.0.0.1:${localPort}`]);
});

describe('with a key', () => {
  const auth = (seq: number, key: string) =>
    `${request('auth', seq)}81${text('AuthKey')}${text(key)}`;

  test('a command before it is answered once, its body read', async () => {
    await using rpc = await startServer({ authKey: 'k' });
    const client = await (await rpc.connect()).shakeHands();

    client.send(request('join', 1), '80', request('nope', 2), auth(3, 'k'), stop('04'));

    await client.expect(answer(1, 'Authentication required'));
    await client.expect(answer(2, 'Authentication required'), ok(3), ok(4));
    expect(rpc.host.asked).toEqual([]);
    const warnings = rpc.lines.filter((line) => line.includes('before auth'));
    expect(warnings).toEqual(['[WARN] agent.ipc: Client sending commands before auth']);
  });

  test('a wrong one after the right one takes nothing away', async () => {
    await using rpc = await startServer({ authKey: 'k' });
    const client = await (await rpc.connect()).shakeHands();

    client.send(auth(1, 'wrong'), auth(2, 'k'), auth(3, 'wrong'), stop('04'));

    const invalid = 'Invalid authentication token';
    await client.expect(answer(1, invalid), ok(2), answer(3, invalid), ok(4));
  });

  test('none configured, the empty one is right and any other wrong', async () => {
    await using rpc = await startServer();
    const client = await (await rpc.connect()).shakeHands();

    client.send(auth(1, ''), auth(2, 'k'), stop('03'));

    await client.expect(ok(1), answer(2, 'Invalid authentication token'), ok(3));
  });

  test('it does not stand in for the handshake', async () => {
    await using rpc = await startServer({ authKey: 'k' });
    const client = await rpc.connect();

    client.send(auth(1, 'k'));

    expect(await client.untilClosed()).toBe(answer(1, 'Handshake required'));
  });
});

test.each([
  ['80'],
  [`81${text('version')}01`],
  [`81${text('Version')}c0`],
  [`81${text('Version')}02`],
])('a handshake of %s asks for an unsupported version, and may be repeated', async (body) => {
  await using rpc = await startServer();
  const client = await rpc.connect();

  client.send(request('handshake', 1), body, handshake);

  await client.expect(answer(1, 'Unsupported IPC version'), ok(0));
});

test('whatever bytes come, the server goes on', async () => {
  await using rpc = await startServer({}, emptyHost());

  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (noise) => {
      const client = await (await rpc.connect()).shakeHands();
      client.send(Buffer.from(noise).toString('hex'));
      client.socket.end();
      await client.untilClosed();
    }),
    { numRuns: 50 },
  );

  const client = await (await rpc.connect()).shakeHands();
  client.send(request('members', 1));
  await client.expect(ok(1), emptyMembers);
});
