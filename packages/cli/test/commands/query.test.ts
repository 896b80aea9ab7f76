import { setImmediate as nextTurn } from 'node:timers/promises';
import { type QueryUpdate, RpcError } from '@tserf/client';
import { describe, expect, test, vi } from 'vitest';
import { main } from '../../src/main.js';
import { type FakeAgent, fakeAgent } from '../support/fake-agent.js';
import { type Recording, recordIo, run, type TerminalOptions } from '../support/terminal.js';

const bytes = (text: string) => Buffer.from(text);

const updates: readonly QueryUpdate[] = [
  { type: 'ack', from: 'n1' },
  { type: 'response', from: 'n1', payload: bytes('1.02\n') },
  { type: 'ack', from: 'n2' },
  { type: 'response', from: 'n2', payload: bytes('a\nb\n\n') },
  { type: 'response', from: 'n3', payload: undefined },
];

/** Runs a query that is answered with `what`, and then is done. */
async function ask(
  args: readonly string[],
  what: readonly QueryUpdate[] = updates,
  options: TerminalOptions = {},
) {
  const agent = fakeAgent();
  for (const update of what) agent.updates.push(update);
  agent.updates.end();
  const result = await run(['query', ...args], { connect: agent.connect, ...options });
  return { ...result, calls: agent.calls };
}

test('acks and answers are shown as they come, each without its last newline, then the totals', async () => {
  const { code, stdout, stderr } = await ask(['load']);

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(
    "Query 'load' dispatched\nAck from 'n1'\nResponse from 'n1': 1.02\nAck from 'n2'\nResponse from 'n2': a\nb\n\nResponse from 'n3': \nTotal Acks: 2\nTotal Responses: 3\n",
  );
});

test('every flag reaches the agent', async () => {
  const { calls } = await ask([
    ...['-node=a', '-node', 'b', '-tag', 'role=w=b', '-tag=dc=', '-timeout=1.5s'],
    ...['-no-ack', '-relay-factor=3', '-early', 'load', 'p'],
  ]);

  expect(calls).toEqual([
    [
      'query',
      'load',
      bytes('p'),
      {
        filterNodes: ['a', 'b'],
        filterTags: { role: 'w=b', dc: '' },
        timeoutMs: 1_500,
        requestAck: false,
        relayFactor: 3,
        early: true,
      },
    ],
  ]);
});

test('without flags it is what Serf asks: everybody, with acks, to the deadline', async () => {
  const { calls } = await ask(['load']);

  expect(calls).toEqual([
    [
      'query',
      'load',
      undefined,
      {
        filterNodes: [],
        filterTags: {},
        timeoutMs: 0,
        requestAck: true,
        relayFactor: 0,
        early: false,
      },
    ],
  ]);
});

test('-no-ack leaves out the total of acks', async () => {
  expect((await ask(['-no-ack', 'x'], [])).stdout).toBe(
    "Query 'x' dispatched\nTotal Responses: 0\n",
  );
});

describe('JSON', () => {
  test('is one document, with acks in the order of their coming and answers whole', async () => {
    expect((await ask(['-format=json', 'load'])).stdout).toBe(
      '{\n  "Acks": [\n    "n1",\n    "n2"\n  ],\n  "Responses": {\n    "n1": "1.02\\n",\n    "n2": "a\\nb\\n\\n",\n    "n3": ""\n  }\n}\n',
    );
  });

  test('names nothing where nobody answered', async () => {
    expect((await ask(['-format=json', 'x'], [])).stdout).toBe(
      '{\n  "Acks": null,\n  "Responses": {}\n}\n',
    );
  });
});

describe('an answer that is no text', () => {
  const odd: QueryUpdate = {
    type: 'response',
    from: 'n1',
    payload: Uint8Array.of(0xff, 0x1b, 0x0a),
  };

  test('goes into a pipe as it is', async () => {
    const agent = fakeAgent();
    const terminal = recordIo();
    const written: Uint8Array[] = [];
    const stdout = { write: (text: string | Uint8Array) => written.push(Buffer.from(text)) };
    agent.updates.push(odd);
    agent.updates.end();

    await main(['query', 'x'], { ...terminal.io, stdout }, { connect: agent.connect });

    const [, line] = written;
    expect(line).toEqual(
      Buffer.concat([bytes("Response from 'n1': "), Buffer.of(0xff, 0x1b, 0x0a)]),
    );
  });

  test('is escaped on a terminal, which would obey it', async () => {
    const { stdout } = await ask(['x'], [odd], { size: { columns: 80, rows: 24 } });

    expect(stdout).toContain("Response from 'n1': \ufffd\\x1b\n");
  });

  test('is shown in base64 where that is asked for', async () => {
    expect((await ask(['-encoding=base64', 'x'], [odd])).stdout).toContain(
      "Response from 'n1': /xsK\n",
    );
    expect((await ask(['-encoding=base64', '-format=json', 'x'], [odd])).stdout).toContain(
      '"n1": "/xsK"',
    );
  });
});

describe('what is wrong is told before anybody is asked', () => {
  test.each([
    [['-tag', 'role', 'x'], "Error: Invalid tag: 'role'\n"],
    [['-tag', '=web', 'x'], "Error: Invalid tag: '=web'\n"],
    [['-relay-factor=256', 'x'], 'Relay factor must be between 0 and 255\n'],
    [['-relay-factor=-1', 'x'], 'Relay factor must be between 0 and 255\n'],
    [['-encoding=hex', 'x'], 'Invalid encoding: hex (choose text or base64)\n'],
    [['-format=xml', 'x'], 'Invalid format: xml\n'],
  ])('%j', async (args, stdout) => {
    expect(await ask(args)).toEqual({ code: 1, stdout, stderr: '', calls: [] });
  });

  test.each([
    [[], 'A query name must be specified.'],
    [
      ['a', 'b', 'c'],
      'Too many command line arguments. Only a name and payload must be specified.',
    ],
  ])('%j', async (args, message) => {
    const { code, stdout } = await ask(args);

    expect(code).toBe(1);
    expect(stdout.startsWith(`${message}\n\nUsage: tserf query `)).toBe(true);
  });
});

/** Runs the command until the query is out. (In an object: an async function would wait for a promise.) */
async function startQuery(agent: FakeAgent, terminal: Recording, ...args: string[]) {
  const code = main(['query', ...args], terminal.io, { connect: agent.connect });
  await vi.waitFor(() => expect(agent.calls).toHaveLength(1));
  await nextTurn();
  return { code };
}

test.each([
  [[], "Query 'x' dispatched\nAck from 'n1'\n"],
  [['-format=json'], ''],
])('Ctrl-C ends it without totals: %j', async (flags, stdout) => {
  const agent = fakeAgent();
  const terminal = recordIo();
  const running = await startQuery(agent, terminal, ...flags, 'x');
  agent.updates.push({ type: 'ack', from: 'n1' });
  await nextTurn();

  expect(terminal.signal('SIGINT')).toBe(true);
  expect(terminal.signal('SIGINT')).toBe(false);

  expect(await running.code).toBe(1);
  expect(terminal.stdout()).toBe(stdout);
  expect(agent.isClosed()).toBe(true);
});

test('an agent that is lost ends it like its deadline', async () => {
  const agent = fakeAgent();
  const terminal = recordIo();
  const running = await startQuery(agent, terminal, 'x');
  agent.updates.push({ type: 'ack', from: 'n1' });
  agent.updates.lose();

  expect(await running.code).toBe(0);
  expect(terminal.stdout()).toBe(
    "Query 'x' dispatched\nAck from 'n1'\nTotal Acks: 1\nTotal Responses: 0\n",
  );
});

test('an agent that falls silent is an error', async () => {
  const agent = fakeAgent();
  const terminal = recordIo();
  const running = await startQuery(agent, terminal, 'x');
  agent.updates.lose(new RpcError('TIMEOUT', 'no answer to stop within 1000 ms'));

  expect(await running.code).toBe(1);
  expect(terminal.stdout()).toBe(
    "Query 'x' dispatched\nError sending query: no answer to stop within 1000 ms\n",
  );
});
