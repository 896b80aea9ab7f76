import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Agent, call, tserf } from '../harness/agents.ts';
import { freePort } from '../harness/ports.ts';
import { endAll, Running, run } from '../harness/processes.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tserf-failures-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(endAll);

/** Starts an agent that cannot start and returns its error lines: those with `==> `, but the two of every start. */
async function failedStart(
  ...flags: readonly string[]
): Promise<{ code: number; errors: string[]; stderr: string }> {
  const answer = await call(tserf, 'agent', ...flags);
  const errors = answer.stdout
    .split('\n')
    .filter(
      (line) =>
        line.startsWith('==> ') &&
        !/^==> (Starting Serf agent|Serf agent running|Joining)/.test(line),
    );
  return { code: answer.code, errors, stderr: answer.stderr };
}

describe('an agent that cannot start says why in one line, and exits with 1', () => {
  test('a taken gossip port', async () => {
    const first = await Agent.start(tserf, { node: 'first' });

    const second = await failedStart(
      '-node=second',
      `-bind=${first.gossip}`,
      `-rpc-addr=127.0.0.1:${await freePort()}`,
    );

    expect(second.code).toBe(1);
    expect(second.errors).toHaveLength(1);
    expect(second.errors[0]).toMatch(/address already in use/);
    expect(second.errors[0]).toMatch(/-bind/);
    expect(await first.statuses()).toEqual({ first: 'alive' });
  });

  test('a taken RPC port, and its gossip port is free again', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = (server.address() as { port: number }).port;
    const gossip = `127.0.0.1:${await freePort()}`;

    const answer = await failedStart('-node=a', `-bind=${gossip}`, `-rpc-addr=127.0.0.1:${port}`);
    server.close();

    expect(answer.code).toBe(1);
    expect(answer.errors).toHaveLength(1);
    expect(answer.errors[0]).toMatch(/Error starting RPC listener: .*address already in use/);
    await Agent.start(tserf, { node: 'again', gossipPort: Number(gossip.split(':')[1]) });
  });

  test("nobody at the address to join: Serf's words, then what to do", async () => {
    const nobody = await freePort();

    const answer = await failedStart(
      '-node=a',
      `-bind=127.0.0.1:${await freePort()}`,
      `-rpc-addr=127.0.0.1:${await freePort()}`,
      `-join=127.0.0.1:${nobody}`,
    );

    expect(answer.code).toBe(1);
    expect(answer.errors).toEqual([
      '==> 1 error occurred:',
      expect.stringMatching(/No agent could be joined: .*-retry-join/),
    ]);
  });

  test.each([
    ['-encrypt=short', /Invalid encryption key/],
    ['-encrypt=c2hvcnQ=', /key size must be 16, 24 or 32 bytes/],
    ['-profile=moon', /Unknown profile: moon/],
    ['-log-level=loud', /Invalid log level: LOUD/],
    ['-protocol=9', /Protocol version '9' too high/],
    ['-bind=::1', /Invalid bind address: .*too many colons/],
    ['-bind=1.2.3.4.5', /Invalid bind address/],
    ['-bind=127.0.0.1:99999', /Invalid bind address/],
    ['-advertise=nonsense:x', /Invalid advertise address/],
    ['-bind=[::]:0', /-advertise/],
    ['-iface=nosuch0', /Invalid network interface/],
    ['-tag=role', /Invalid tag: 'role'/],
    ['-config-file=/nonexistent.json', /Error reading '\/nonexistent.json'/],
    ['-keyring-file=/nonexistent.json', /no such file/],
  ])('%s', async (flag, expected) => {
    const bind = flag.startsWith('-bind') ? [] : [`-bind=127.0.0.1:${await freePort()}`];
    const answer = await failedStart(
      '-node=a',
      ...bind,
      `-rpc-addr=127.0.0.1:${await freePort()}`,
      flag,
    );

    expect(answer.code).toBe(1);
    expect(answer.errors.join('\n')).toMatch(expected);
    expect(answer.errors).toHaveLength(1);
  });

  test('a configuration file with a misspelt key names file and key', async () => {
    const file = join(folder, 'agent.json');
    writeFileSync(file, '{\n  "node_name": "a",\n  "bnid": "127.0.0.1"\n}\n');

    const answer = await failedStart(`-config-file=${file}`);

    expect(answer.code).toBe(1);
    expect(answer.errors[0]).toMatch(/^==> Error decoding '.*agent\.json': /);
    expect(answer.errors[0]).toMatch(/bnid/);
    expect(answer.errors[0]).toMatch(/bind/);
  });
});

describe('a command', () => {
  test('without an agent says so and exits with 1', async () => {
    const port = await freePort();
    const answer = await call(tserf, 'members', `-rpc-addr=127.0.0.1:${port}`);

    expect(answer).toEqual({
      code: 1,
      stdout: `Error connecting to Serf agent: dial tcp 127.0.0.1:${port}: connect: connection refused\n`,
      stderr: '',
    });
  });

  test('with an unknown flag names it on standard error and prints its help', async () => {
    const answer = await call(tserf, 'members', '-bogus');

    expect(answer.code).toBe(1);
    expect(answer.stderr).toBe('flag provided but not defined: -bogus\n');
    expect(answer.stdout).toMatch(/Usage: \w+ members/);
  });

  test('that does not exist exits with 127', async () => {
    const answer = await call(tserf, 'membres');

    expect(answer.code).toBe(127);
    expect(answer.stderr).toMatch(/members/);
  });

  test('that does not exist loads no agent to say so', async () => {
    const refuse = `export const resolve = (name, context, next) => {
      if (name === '@tserf/agent') throw new Error('the agent was loaded');
      return next(name, context);
    };`;
    const hook = join(folder, 'refuse.mjs');
    const register = join(folder, 'register.mjs');
    writeFileSync(hook, refuse);
    writeFileSync(
      register,
      `import { register } from 'node:module'; register(${JSON.stringify(pathToFileURL(hook))});`,
    );
    const bare = { ...tserf, before: ['--import', register, ...tserf.before] };

    expect((await call(bare, 'membres')).stderr).toContain('Did you mean "members"?');
    expect((await call(bare, 'agent', '-h')).stderr).not.toContain('the agent was loaded');
    expect((await call(bare, 'config', 'schema')).stderr).toContain('the agent was loaded');
  });

  test('with the wrong RPC token is refused', async () => {
    const agent = await Agent.start(tserf, { node: 'a', flags: ['-rpc-auth=secret'] });

    expect(await call(tserf, 'members', `-rpc-addr=${agent.rpc}`, '-rpc-auth=wrong')).toEqual({
      code: 1,
      stdout: 'Error connecting to Serf agent: Invalid authentication token\n',
      stderr: '',
    });
    expect(await call(tserf, 'members', `-rpc-addr=${agent.rpc}`)).toMatchObject({
      code: 1,
      stdout: 'Error retrieving members: Authentication required\n',
    });
    expect((await call(tserf, 'members', `-rpc-addr=${agent.rpc}`, '-rpc-auth=secret')).code).toBe(
      0,
    );
  });

  test.each([
    '127.0.0.1:1',
    '[::1]:1',
    '::1',
    '[::1',
    '127.0.0.1:99999',
    '/127.0.0.1',
    'no.such.host.invalid',
  ])('join %s fails with what was wrong', async (address) => {
    const agent = await Agent.start(tserf, { node: 'a' });

    const answer = await call(tserf, 'join', `-rpc-addr=${agent.rpc}`, address);

    expect(answer.code).toBe(1);
    expect(answer.stdout).toMatch(
      /^Error joining the cluster: 1 error occurred:\n\t\* failed to (join|resolve) .+\n\n\n$/,
    );
    expect(agent.process.alive).toBe(true);
  });
});

test.runIf(process.platform === 'linux')(
  'a full disk under its log and its errors costs an agent what it wrote there, and no more',
  async () => {
    const rpc = `127.0.0.1:${await freePort()}`;
    const flags = ['-node=a', `-bind=127.0.0.1:${await freePort()}`, `-rpc-addr=${rpc}`];
    const agent = new Running('/bin/sh', [
      ...['-c', 'exec "$@" >/dev/full 2>/dev/full', 'sh'],
      ...[tserf.command, ...tserf.before, 'agent', ...flags],
    ]);

    await expect
      .poll(async () => (await call(tserf, 'members', `-rpc-addr=${rpc}`)).stdout, {
        timeout: 30_000,
      })
      .toMatch(/^a .*alive/);
    agent.signal('SIGUSR1');
    agent.signal('SIGHUP');
    expect((await call(tserf, 'event', `-rpc-addr=${rpc}`, 'deploy')).code).toBe(0);
    agent.signal('SIGINT');

    expect(await agent.exited).toBe(0);
    // A command whose answer is lost has failed.
    const answer = await run('/bin/sh', [
      ...['-c', 'exec "$@" >/dev/full', 'sh'],
      ...[tserf.command, ...tserf.before, 'version'],
    ]);
    expect(answer.code).toBe(1);
  },
);
