import { Agent } from '@tserf/agent';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './support/terminal.js';

/*
 * The commands, the client and real agents together: what the fakes elsewhere can't promise is that they mean the
 * same thing.
 */

const loopback = { bind: { host: '127.0.0.1', port: 0 }, rpcAddr: '127.0.0.1:0' };
let first: Agent;
let second: Agent;

function rpcFlag(agent: Agent): string {
  return `-rpc-addr=${agent.rpcAddress.host}:${agent.rpcAddress.port}`;
}

function gossipAddress({ bindAddress }: Agent): string {
  return `${bindAddress.host}:${bindAddress.port}`;
}

beforeAll(async () => {
  [first, second] = await Promise.all([
    Agent.start({ ...loopback, profile: 'local', node: 'one', tags: { role: 'web' } }),
    Agent.start({ ...loopback, profile: 'local', node: 'two', rpcAuth: 's3cret' }),
  ]);
}, 30_000);

afterAll(() => Promise.all([first.shutdown(), second.shutdown()]));

test('an agent that wants a token is named as such, and opens with it', async () => {
  const rpc = rpcFlag(second);

  expect((await run(['members', rpc])).stdout).toBe(
    'Error retrieving members: Authentication required\n',
  );
  expect((await run(['members', rpc, '-rpc-auth=bad'])).stdout).toBe(
    'Error connecting to Serf agent: Invalid authentication token\n',
  );
  expect((await run(['members', rpc, '-rpc-auth=s3cret'])).stdout).toBe(
    `two  ${gossipAddress(second)}  alive\n`,
  );
});

test('two agents join, list each other, tell of themselves, and part', async () => {
  const rpc = rpcFlag(first);

  const joined = await run(['join', rpc, gossipAddress(second)]);
  const members = await run(['members', rpc]);
  const filtered = await run(['members', rpc, '-tag', 'role=w.b', '-format=json']);
  const info = await run(['info', rpc]);
  const left = await run(['leave', rpc]);

  expect(joined.stdout).toBe('Successfully joined cluster by contacting 1 nodes.\n');
  expect(members.stdout.split('\n').map((line) => line.split(/ +/)[0])).toEqual(['one', 'two', '']);
  expect(JSON.parse(filtered.stdout).members).toMatchObject([
    { name: 'one', tags: { role: 'web' }, status: 'alive' },
  ]);
  expect(info.stdout).toContain('agent:\n\tname = one\n');
  expect(left).toEqual({ code: 0, stdout: 'Graceful leave complete\n', stderr: '' });
  expect(await first.closed).toEqual({ type: 'shutdown' });
}, 20_000);

test('the reasons of a join that reached nobody are shown', async () => {
  const { code, stdout } = await run(['join', rpcFlag(second), '-rpc-auth=s3cret', '127.0.0.1:1']);

  expect(code).toBe(1);
  expect(stdout).toBe(
    'Error joining the cluster: 1 error occurred:\n\t* failed to join 127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection refused\n\n\n',
  );
});

test('a port on which nobody listens is refused', async () => {
  const { code, stdout } = await run(['members', '-rpc-addr=127.0.0.1:1']);

  expect(code).toBe(1);
  expect(stdout).toBe(
    'Error connecting to Serf agent: dial tcp 127.0.0.1:1: connect: connection refused\n',
  );
});
