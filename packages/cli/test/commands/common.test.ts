import { RpcError } from '@tserf/client';
import { describe, expect, test } from 'vitest';
import { fakeAgent } from '../support/fake-agent.js';
import { run } from '../support/terminal.js';

/** Every command that asks an agent: a right call, and the prefix of what the agent answers. */
const rpcCommands: [name: string, args: string[], request: string, prefix: string][] = [
  ['event', ['deploy'], 'event', 'Error sending event: '],
  ['force-leave', ['n1'], 'forceLeave', 'Error force leaving: '],
  ['info', [], 'stats', 'Error querying agent: '],
  ['join', ['10.0.0.5'], 'join', 'Error joining the cluster: '],
  ['keys', ['-list'], 'listKeys', 'Failed to gather member keys: '],
  ['leave', [], 'leave', 'Error leaving: '],
  ['members', [], 'membersFiltered', 'Error retrieving members: '],
  ['monitor', [], 'stream', 'Error starting stream: '],
  ['query', ['load'], 'query', 'Error sending query: '],
  ['reachability', [], 'members', 'Error getting members: '],
  ['rtt', ['n1'], 'stats', 'Error querying agent: '],
  ['rtt', ['n1', 'n2'], 'getCoordinate', 'Error getting coordinates: '],
  ['tags', ['-set=a=b'], 'updateTags', 'Error setting tags: '],
];

describe.each(rpcCommands)('%s', (name, args, request, prefix) => {
  test('says on stdout that no agent is there', async () => {
    const reason = 'dial tcp 127.0.0.1:7373: connect: connection refused';
    const { connect } = fakeAgent({ connectError: new RpcError('CONNECT_FAILED', reason) });

    expect(await run([name, ...args], { connect })).toEqual({
      code: 1,
      stdout: `Error connecting to Serf agent: ${reason}\n`,
      stderr: '',
    });
  });

  test('says on a terminal, too, what to do about it', async () => {
    const reason = 'dial tcp 127.0.0.1:7373: connect: connection refused';
    const { connect } = fakeAgent({ connectError: new RpcError('CONNECT_FAILED', reason) });
    const size = { columns: 80, rows: 24 };

    const { stdout, stderr } = await run([name, ...args], { connect, size });

    expect(stdout).toBe(`Error connecting to Serf agent: ${reason}\n`);
    expect(stderr).toMatch(/^No agent listens there: .*tserf agent.*-rpc-addr/);
  });

  test('says that the token is wrong', async () => {
    const error = new RpcError('REFUSED', 'Invalid authentication token');
    const { connect } = fakeAgent({ connectError: error });

    const { code, stdout } = await run([name, '-rpc-auth=bad', ...args], { connect });

    expect(code).toBe(1);
    expect(stdout).toBe('Error connecting to Serf agent: Invalid authentication token\n');
  });

  test('reports a missing token as a failure of its own request, and closes the connection', async () => {
    const agent = fakeAgent({ refuse: { [request]: 'Authentication required' } });

    expect(await run([name, ...args], { connect: agent.connect })).toEqual({
      code: 1,
      stdout: expect.stringMatching(
        new RegExp(`^(==> .*\n\n)?${prefix}Authentication required\n$`),
      ),
      stderr: '',
    });
    expect(agent.isClosed()).toBe(true);
  });

  test('says on a terminal, too, which flag was probably meant, below the help', async () => {
    const size = { columns: 80, rows: 24 };

    const { stderr } = await run([name, '-rpc-adr=x', ...args], { ...fakeAgent(), size });

    const line = 'flag provided but not defined: -rpc-adr';
    expect(stderr).toBe(`${line}\n\n${line}. Did you mean -rpc-addr?\n`);
  });

  test('answers an unknown flag on stderr and shows its help on stdout, without asking anybody', async () => {
    const agent = fakeAgent();

    const result = await run([name, '-bogus', ...args], { connect: agent.connect });

    expect(result.code).toBe(1);
    expect(result.stderr).toBe('flag provided but not defined: -bogus\n');
    expect(result.stdout).toMatch(new RegExp(`^Usage: tserf ${name}`));
    expect(agent.targets).toEqual([]);
  });

  test.each([
    [{}, [], '127.0.0.1:7373', ''],
    [{ SERF_RPC_ADDR: 'a:1', SERF_RPC_AUTH: 't' }, [], 'a:1', 't'],
    [{ SERF_RPC_ADDR: '', SERF_RPC_AUTH: '' }, [], '127.0.0.1:7373', ''],
    [{ SERF_RPC_ADDR: 'a:1', TSERF_RPC_ADDR: 'b:2' }, [], 'b:2', ''],
    [{ SERF_RPC_AUTH: 's', TSERF_RPC_AUTH: 't' }, [], '127.0.0.1:7373', 't'],
    [
      { SERF_RPC_ADDR: 'a:1', SERF_RPC_AUTH: 't' },
      ['-rpc-addr=c:3', '--rpc-auth', 'u'],
      'c:3',
      'u',
    ],
    [{ SERF_RPC_ADDR: 'a:1', SERF_RPC_AUTH: 't' }, ['-rpc-addr=', '-rpc-auth='], '', ''],
  ])(
    'with the environment %j and the flags %j it goes to "%s" with "%s"',
    async (env, flags, address, authKey) => {
      const agent = fakeAgent({ refuse: { [request]: 'enough' } });

      await run([name, ...flags, ...args], { connect: agent.connect, env });

      expect(agent.targets).toMatchObject([{ address, authKey }]);
    },
  );

  test('lets a bug through instead of calling it a failure of the agent', async () => {
    const { connect } = fakeAgent({ connectError: new TypeError('no such function') });

    await expect(run([name, ...args], { connect })).rejects.toThrow(TypeError);
  });
});

test.each(['info', 'leave', 'members', 'reachability'])(
  '%s ignores extra arguments',
  async (name) => {
    const { connect } = fakeAgent();

    expect((await run([name, 'x', '-bogus'], { connect })).code).toBe(0);
  },
);
