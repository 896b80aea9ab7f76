import { describe, expect, test } from 'vitest';
import { fakeAgent } from '../support/fake-agent.js';
import { run } from '../support/terminal.js';

describe('join', () => {
  test('says how many members it reached, always in the plural', async () => {
    const agent = fakeAgent({ joined: 1 });

    const result = await run(['join', '-replay', 'a', 'b:2', '-replay=x'], {
      connect: agent.connect,
    });

    expect(result).toEqual({
      code: 0,
      stdout: 'Successfully joined cluster by contacting 1 nodes.\n',
      stderr: '',
    });
    expect(agent.calls).toEqual([['join', ['a', 'b:2', '-replay=x'], { replay: true }]]);
  });

  test("keeps the lines of the agent's error", async () => {
    const error = '1 error occurred:\n\t* failed to join 127.0.0.1:1: dial tcp: x\n\n';
    const { connect } = fakeAgent({ refuse: { join: error } });

    const { code, stdout } = await run(['join', 'x'], { connect });

    expect({ code, stdout }).toEqual({ code: 1, stdout: `Error joining the cluster: ${error}\n` });
  });

  test('wants an address', async () => {
    const result = await run(['join']);

    expect(result).toMatchObject({ code: 1, stderr: '' });
    expect(result.stdout).toMatch(
      /^At least one address to join must be specified\.\n\nUsage: tserf join \[options\] address \.\.\.\n\n/,
    );
  });
});

describe('leave', () => {
  test('waits for the agent and says so', async () => {
    const agent = fakeAgent();

    expect(await run(['leave'], { connect: agent.connect })).toEqual({
      code: 0,
      stdout: 'Graceful leave complete\n',
      stderr: '',
    });
    expect(agent.calls).toEqual([['leave']]);
  });
});

describe('force-leave', () => {
  test.each([
    [['n1'], false],
    [['-prune', 'n1'], true],
  ])('%j prints nothing', async (args, prune) => {
    const agent = fakeAgent();

    const result = await run(['force-leave', ...args], { connect: agent.connect });

    expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(agent.calls).toEqual([['forceLeave', 'n1', { prune }]]);
  });

  test.each([[[]], [['a', 'b']], [['a', '-prune']]])(
    'wants exactly one name, not %j',
    async (args) => {
      const result = await run(['force-leave', ...args]);

      expect(result).toMatchObject({ code: 1, stderr: '' });
      expect(result.stdout).toMatch(
        /^A node name must be specified to force leave\.\n\nUsage: tserf force-leave \[options\] name\n/,
      );
    },
  );
});

describe('info', () => {
  const stats = {
    tags: { role: 'web', dc: '<east>' },
    event_handlers: {},
    agent: { name: 'n1' },
  };

  test('prints sections and keys sorted', async () => {
    const { connect } = fakeAgent({ stats });

    expect(await run(['info'], { connect })).toEqual({
      code: 0,
      stdout: 'agent:\n\tname = n1\nevent_handlers:\ntags:\n\tdc = <east>\n\trole = web\n',
      stderr: '',
    });
  });

  test('prints the same as JSON', async () => {
    const { connect } = fakeAgent({ stats });

    const { stdout } = await run(['info', '-format=json'], { connect });

    expect(stdout).toBe(
      '{\n  "agent": {\n    "name": "n1"\n  },\n  "event_handlers": {},\n  "tags": {\n    "dc": "\\u003ceast\\u003e",\n    "role": "web"\n  }\n}\n',
    );
  });

  test('knows no other format', async () => {
    const { connect } = fakeAgent({ stats });

    expect(await run(['info', '-format=bad'], { connect })).toMatchObject({
      code: 1,
      stdout: 'Encoding error: Invalid output format "bad"\n',
    });
  });
});

describe('keygen', () => {
  test.each([[[]], [['x', '-bogus']], [['-rpc-addr']]])(
    'prints 32 random bytes, whatever follows: %j',
    async (args) => {
      const first = await run(['keygen', ...args]);
      const second = await run(['keygen', ...args]);

      expect(first).toMatchObject({ code: 0, stderr: '' });
      expect(first.stdout).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
      expect(Buffer.from(first.stdout, 'base64')).toHaveLength(32);
      expect(first.stdout).not.toBe(second.stdout);
    },
  );
});

describe('results as JSON', () => {
  test.each([
    [['join', '-format=json', 'a'], '{\n  "contacted": 1\n}\n'],
    [['leave', '-format=json'], '{\n  "left": true\n}\n'],
    [['force-leave', '-format=json', '-prune', 'n1'], '{\n  "node": "n1",\n  "prune": true\n}\n'],
    [['event', '-format=json', 'x'], '{\n  "name": "x",\n  "coalesce": true\n}\n'],
  ])('%j', async (args, stdout) => {
    const { connect } = fakeAgent();

    expect(await run(args, { connect })).toEqual({ code: 0, stdout, stderr: '' });
  });

  test.each([
    'event',
    'force-leave',
    'join',
    'keys',
    'leave',
    'monitor',
    'reachability',
    'rtt',
    'tags',
  ])('%s knows no other format, and asks nobody', async (name) => {
    const agent = fakeAgent();
    const argument = { keys: '-list', tags: '-set=a=b' }[name] ?? 'n1';

    const result = await run([name, '-format=xml', argument], { connect: agent.connect });

    expect(result).toEqual({ code: 1, stdout: 'Invalid format: xml\n', stderr: '' });
    expect(agent.targets).toEqual([]);
  });
});
