import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Client } from '@tserf/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AgentFlags } from '../src/flags.js';
import { eventually, freePort, local, RunningAgent, silentListener } from './running.js';

const streaming = '==> Log data will now stream in as it occurs:\n\n';

// Each test waits for real threads and real seconds, so they wait together.
vi.setConfig({ testTimeout: 60_000, maxConcurrency: 4 });

let dir: string;
let files = 0;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tserf-agent-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function configured(kind: 'json' | 'yaml', text: string): Promise<AgentFlags> {
  const path = join(dir, `${++files}.${kind}`);
  await writeFile(path, text);
  return { configPaths: [path] };
}

describe.concurrent('a start', () => {
  test('says what Serf says, byte for byte, and only then shows the log', async () => {
    const agent = new RunningAgent({ ...local('web-1'), tag: ['role=web'] });
    await agent.until(streaming);

    agent.signal('SIGINT');

    expect(await agent.exitCode).toBe(0);
    expect(agent.stdout).toMatch(
      new RegExp(
        '^==> Starting Serf agent\\.\\.\\.\n' +
          '==> Starting Serf agent RPC\\.\\.\\.\n' +
          '==> Serf agent running!\n' +
          "                      Node name: 'web-1'\n" +
          "                      Bind addr: '127.0.0.1:0'\n" +
          "                       RPC addr: '127.0.0.1:0'\n" +
          '                      Encrypted: false\n' +
          '                       Snapshot: false\n' +
          '                        Profile: local\n' +
          '    Message Compression Enabled: true\n' +
          '\n' +
          '==> Log data will now stream in as it occurs:\n' +
          '\n' +
          '    \\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d \\[INFO\\] agent: Serf agent starting\n' +
          '(    .*\n)*' +
          '    .*\\[INFO\\] serf: EventMemberJoin: web-1 127\\.0\\.0\\.1\n' +
          '(    .*\n)*' +
          '==> Caught signal: interrupt\n' +
          '==> Gracefully shutting down agent\\.\\.\\.\n' +
          '    .*\\[INFO\\] agent: requesting graceful leave from Serf\n' +
          '(    .*\n)*' +
          '    .*\\[INFO\\] agent: requesting serf shutdown\n' +
          '    .*\\[INFO\\] agent: shutdown complete\n$',
      ),
    );
    expect(agent.stdout).not.toContain('Shutdown without a Leave');
    expect(agent.listeners).toBe(0);
  });

  test('joins while RPC is already served', async () => {
    await using silent = await silentListener();
    const rpc = await freePort();
    const agent = new RunningAgent({
      ...local('a'),
      rpcAddr: `127.0.0.1:${rpc}`,
      join: [`127.0.0.1:${silent.port}`],
    });
    await agent.until('==> Joining cluster...(replay: false)');

    await using client = await Client.connect({ address: `127.0.0.1:${rpc}` });
    expect(await client.members()).toMatchObject([{ name: 'a' }]);

    agent.signal('SIGTERM');
    expect(await agent.exitCode).toBe(1);
  });

  test('that joined says how many addresses answered', async () => {
    const port = await freePort();
    const first = new RunningAgent({ ...local('a'), bind: `127.0.0.1:${port}` });
    await first.until(streaming);
    const second = new RunningAgent({ ...local('b'), join: [`127.0.0.1:${port}`], replay: true });
    await second.until(streaming);

    expect(second.stdout).toContain(
      '==> Joining cluster...(replay: true)\n    Join completed. Synced with 1 initial agents\n\n',
    );

    for (const agent of [first, second]) agent.signal('SIGTERM');
    expect(await Promise.all([first.exitCode, second.exitCode])).toEqual([1, 1]);
  });

  test('takes files and flags, the flags over the files', async () => {
    const agent = new RunningAgent({
      ...local('from-flag'),
      ...(await configured('yaml', 'node_name: from-file\nlog_level: warn\nbind: 127.0.0.1:1')),
    });
    await agent.until(streaming);
    agent.signal('SIGTERM');

    expect(await agent.exitCode).toBe(1);
    expect(agent.stdout).toContain("Node name: 'from-flag'");
    expect(agent.stdout).toContain('[WARN] serf: Shutdown without a Leave');
    expect(agent.stdout).not.toContain('[INFO]');
  });

  test('goes on after what is only odd, and says so first', async () => {
    const agent = new RunningAgent({
      ...local('a'),
      role: 'web',
      retryInterval: '1ms',
      broadcastTimeout: '10ms',
      ...(await configured('json', '{"enable_compression":false,"rejoin_after_leave":true}')),
    });
    await agent.until(streaming);
    agent.signal('SIGTERM');
    await agent.exitCode;

    expect(agent.stdout).toMatch(
      new RegExp(
        "^==> Deprecation warning: 'Role' has been replaced with 'Tags'\n" +
          "==> Warning: 'RetryInterval' is too low\\. Setting to 1s\n" +
          "==> Warning: 'BroadcastTimeout' is too low\\. Setting to 1s\n" +
          "==> Warning: 'RejoinAfterLeave' enabled without snapshot file\n" +
          "==> Warning: 'enable_compression' has no effect in a file; use -disable-compression\n" +
          '==> Starting Serf agent',
      ),
    );
    expect(agent.stdout).toContain('Message Compression Enabled: true');
  });
});

describe.concurrent('a start that fails, in one line that says what to do', () => {
  const before: [Partial<AgentFlags>, RegExp][] = [
    [{ tag: ['foo'] }, /^Error: Invalid tag: 'foo' \(write -tag name=value\)$/],
    [{ tag: ['=x'] }, /^Error: Invalid tag: '=x'/],
    [{ retryInterval: '5' }, /^Error: time: missing unit in duration "5" \(-retry-interval /],
    [{ broadcastTimeout: 'x' }, /^Error: time: invalid duration "x" \(-broadcast-timeout /],
    [
      { configPaths: ['/nonexistent.json'] },
      /^Error reading '\/nonexistent\.json': open \/nonexistent\.json: no such file or directory$/,
    ],
    [
      { iface: 'nope0' },
      /^Invalid network interface: route ip\+net: no such network interface \(this host has .*lo/,
    ],
    [
      { logLevel: 'warning' },
      /^Invalid log level: WARNING\. Valid log levels are: \[TRACE DEBUG INFO WARN ERR\]$/,
    ],
    [
      { bind: '::1' },
      /^Invalid bind address: address ::1: too many colons in address \(an IPv6 address is written \[::1\]/,
    ],
    [{ bind: '127.0.0.1:99999' }, /^Invalid bind address: address 99999: invalid port \(/],
    [{ bind: '1.2.3.4.5' }, /^Invalid bind address: lookup 1\.2\.3\.4\.5: no such host \(/],
    [{ iface: 'lo', bind: '127.0.0.2' }, /^Interface 'lo' has no '127\.0\.0\.2' address \(/],
    [
      { advertise: '::1' },
      /^Invalid advertise address: address ::1: too many colons in address \(/,
    ],
    [
      { encrypt: 'abc' },
      /^Invalid encryption key: illegal base64 data at input byte 0 \(a key is base64 of 16, 24 or 32 bytes/,
    ],
    [{ profile: 'LAN' }, /^Unknown profile: LAN \(choose lan, wan or local\)$/],
  ];

  test.each(before)('before anything is opened: %j', async (flags, line) => {
    const agent = new RunningAgent({ ...local('a'), ...flags });

    expect(await agent.exitCode).toBe(1);
    expect(agent.stdout.split('\n')).toEqual([expect.stringMatching(/^==> /), '']);
    expect(agent.stdout.slice(4, -1)).toMatch(line);
  });

  test.each([
    ['{"mdns":{"interface":"lo"}}', 'mDNS interface specified without enabling mDNS discovery'],
    ['{"reconnect_interval":"-5s"}', "'reconnect_interval' must not be negative: -5s"],
  ])('%s', async (text, line) => {
    const flags = await configured('json', text);
    const agent = new RunningAgent({ ...local('a'), ...flags });

    expect(await agent.exitCode).toBe(1);
    expect(agent.stdout).toMatch(`==> ${line} in ${flags.configPaths?.[0]}:1:`);
  });

  const setup = '==> Starting Serf agent...\n==> Failed to setup the Serf agent: ';
  const creating =
    '==> Starting Serf agent...\n==> Failed to start the Serf agent: Error creating Serf: ';
  test.each([
    [{ protocol: 1 }, `${creating}Protocol version '1' too low. Must be in range: [2, 5] (`],
    [{ protocol: 6 }, `${creating}Protocol version '6' too high. Must be in range: [2, 5] (`],
    [
      { tag: [`a=${'x'.repeat(600)}`] },
      `${creating}Encoded length of tags exceeds limit of 512 bytes (`,
    ],
    [
      { encrypt: 'YWJj' },
      `${creating}Failed to create memberlist: key size must be 16, 24 or 32 bytes (`,
    ],
    [
      { bind: ':0' },
      `${creating}Failed to create memberlist: failed to get final advertise address: `,
    ],
    [{ keyringFile: '/nonexistent' }, `${setup}stat /nonexistent: no such file or directory (`],
    [{ tagsFile: '/x', tag: ['a=b'] }, `${setup}Tags config not allowed while using tag files (`],
    [
      { tagsFile: '/proc/self' },
      `${setup}Failed to read tags file: read /proc/self: is a directory (`,
    ],
    [{ tagsFile: '/proc/version' }, `${setup}Failed to decode tags file: `],
    [
      { keyringFile: '/x', encrypt: 'HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8=' },
      `${setup}Encryption key not allowed while using a keyring (`,
    ],
    [
      { rpcAddr: '127.0.0.1' },
      '==> Starting Serf agent...\n==> Error starting RPC listener: listen tcp: address 127.0.0.1: missing port in address (write -rpc-addr=HOST:PORT)\n',
    ],
  ] as [Partial<AgentFlags>, string][])('after it: %j', async (flags, text) => {
    const agent = new RunningAgent({ ...local('a'), ...flags });

    expect(await agent.exitCode).toBe(1);
    expect(agent.stdout.startsWith(text)).toBe(true);
    expect(agent.stdout.split('\n')).toHaveLength(3);
  });

  test('a port that is taken', async () => {
    await using taken = await silentListener();
    const agent = new RunningAgent({ ...local('a'), bind: `127.0.0.1:${taken.port}` });

    expect(await agent.exitCode).toBe(1);
    expect(agent.stdout).toContain(
      `listen tcp 127.0.0.1:${taken.port}: bind: address already in use (another process has this port: stop it, or choose another with -bind=HOST:PORT)\n`,
    );
  });

  test('a snapshot that has no place', async () => {
    const agent = new RunningAgent({ ...local('a'), snapshot: '/nonexistent/snapshot' });

    expect(await agent.exitCode).toBe(1);
    expect(agent.stdout).toMatch(
      /open \/nonexistent\/snapshot: no such file or directory \(name a file in a folder that is there .* -snapshot\)\n$/,
    );
  });

  test("a join that reaches nobody, with Serf's reasons and the remedy behind them", async () => {
    const dead = await freePort();
    const agent = new RunningAgent({ ...local('a'), join: [`127.0.0.1:${dead}`] });

    expect(await agent.exitCode).toBe(1);
    expect(agent.stdout.slice(agent.stdout.indexOf('==> Joining'))).toBe(
      '==> Joining cluster...(replay: false)\n' +
        '==> 1 error occurred:\n' +
        `\t* failed to join 127.0.0.1:${dead}: dial tcp 127.0.0.1:${dead}: connect: connection refused\n\n\n` +
        '==> No agent could be joined: correct the address of -join, start an agent there, or use -retry-join to keep trying\n',
    );
  });

  test('a join to a cluster with another key', async () => {
    const port = await freePort();
    const first = new RunningAgent({
      ...local('a'),
      bind: `127.0.0.1:${port}`,
      encrypt: 'HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8=',
    });
    await first.until(streaming);
    const second = new RunningAgent({ ...local('b'), join: [`127.0.0.1:${port}`] });

    expect(await second.exitCode).toBe(1);
    expect(second.stdout).toContain(
      'do not share a key: give the same one with -encrypt or -keyring-file\n',
    );

    first.signal('SIGTERM');
    await first.exitCode;
  });
});

describe.concurrent('signals', () => {
  async function running(config = '{}'): Promise<RunningAgent> {
    const agent = new RunningAgent({ ...local('a'), ...(await configured('json', config)) });
    await agent.until(streaming);
    return agent;
  }

  test.each([
    ['SIGINT', '{}', 0, 'interrupt', true],
    ['SIGTERM', '{}', 1, 'terminated', false],
    ['SIGINT', '{"skip_leave_on_interrupt":true}', 1, 'interrupt', false],
    ['SIGTERM', '{"leave_on_terminate":true}', 0, 'terminated', true],
  ] as const)('%s with %s ends with %d', async (signal, config, code, word, leaves) => {
    const agent = await running(config);

    agent.signal(signal);

    expect(await agent.exitCode).toBe(code);
    expect(agent.stdout).toContain(`==> Caught signal: ${word}\n`);
    expect(agent.stdout.includes('Gracefully shutting down agent...')).toBe(leaves);
    expect(agent.stdout.includes('[WARN] serf: Shutdown without a Leave')).toBe(!leaves);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'a %s during the leave ends it at once, with 1',
    async (second) => {
      const agent = await running();
      agent.signal('SIGINT');
      await agent.until('requesting graceful leave');

      agent.signal(second);

      expect(await agent.exitCode).toBe(1);
      expect(agent.stdout.match(/Caught signal/g)).toHaveLength(1);
      expect(agent.stdout).not.toContain('Error');
    },
  );

  test('SIGUSR1 opens no debugger, and tells nothing before ten seconds are over', async () => {
    const agent = await running();

    agent.signal('SIGUSR1');
    agent.signal('SIGTERM');

    expect(await agent.exitCode).toBe(1);
    expect(agent.stderr).toBe('');
  });

  test('one during a slow join ends the agent soon, with 1', async () => {
    await using silent = await silentListener();
    const agent = new RunningAgent({
      ...local('a'),
      profile: 'wan',
      join: [`127.0.0.1:${silent.port}`],
    });
    await agent.until('==> Joining cluster');

    agent.signal('SIGINT');

    expect(await agent.exitCode).toBe(1);
    expect(agent.stdout).toContain(
      '==> Caught signal: interrupt\n==> The agent was stopped before its start was complete\n',
    );
  });

  test('one during a join says goodbye to whom was met already', async () => {
    await using silent = await silentListener();
    const [port, rpc, rpcOfSecond] = [await freePort(), await freePort(), await freePort()];
    const first = new RunningAgent({
      ...local('a'),
      bind: `127.0.0.1:${port}`,
      rpcAddr: `127.0.0.1:${rpc}`,
    });
    await first.until(streaming);
    const second = new RunningAgent({
      ...local('b'),
      profile: 'wan',
      rpcAddr: `127.0.0.1:${rpcOfSecond}`,
      join: [`127.0.0.1:${port}`, `127.0.0.1:${silent.port}`],
    });
    await second.until('==> Joining cluster');
    await using b = await Client.connect({ address: `127.0.0.1:${rpcOfSecond}` });
    await eventually(async () => (await b.members()).length === 2);

    second.signal('SIGINT');

    expect(await second.exitCode).toBe(1);
    await using a = await Client.connect({ address: `127.0.0.1:${rpc}` });
    await eventually(async () =>
      (await a.members()).some(({ name, status }) => name === 'b' && status === 'left'),
    );

    first.signal('SIGTERM');
    await first.exitCode;
  });

  test('one before anything was opened ends the start', async () => {
    const agent = new RunningAgent(local('a'));

    agent.signal('SIGTERM');

    expect(await agent.exitCode).toBe(1);
    expect(agent.stdout).toContain(
      '==> Caught signal: terminated\n==> The agent was stopped before its start was complete\n',
    );
  });
});

describe.concurrent('other ends', () => {
  test('a leave over RPC ends the agent with 0', async () => {
    const rpc = await freePort();
    const agent = new RunningAgent({ ...local('a'), rpcAddr: `127.0.0.1:${rpc}` });
    await agent.until(streaming);

    await using client = await Client.connect({ address: `127.0.0.1:${rpc}` });
    await client.leave();

    expect(await agent.exitCode).toBe(0);
    expect(agent.stdout).toContain('[INFO] agent.ipc: Graceful leave triggered\n');
  });

  test('a leave over RPC ends it even while it is still joining', async () => {
    await using silent = await silentListener();
    const rpc = await freePort();
    const agent = new RunningAgent({
      ...local('a'),
      profile: 'wan',
      rpcAddr: `127.0.0.1:${rpc}`,
      join: [`127.0.0.1:${silent.port}`],
    });
    await agent.until('==> Joining cluster');

    await using client = await Client.connect({ address: `127.0.0.1:${rpc}` });
    await client.leave();

    expect(await agent.exitCode).toBe(0);
    expect(agent.stdout).not.toContain('Error');
  });

  test('a retry limit of 1 makes two attempts, and then the agent ends with 1', async () => {
    const dead = await freePort();
    const agent = new RunningAgent({
      ...local('a'),
      retryJoin: [`127.0.0.1:${dead}`],
      retryInterval: '1s',
      retryMax: 1,
    });

    expect(await agent.exitCode).toBe(1);
    expect(
      agent.stdout.match(/\[INFO\] agent: Joining cluster\.\.\.\(replay: false\)\n/g),
    ).toHaveLength(2);
    expect(agent.stdout).toMatch(
      /\[WARN\] agent: Join failed: 1 error occurred:\n\t\* failed to join .*: connection refused\n\n, retrying in 1s\n/,
    );
    expect(agent.stdout).toContain('[ERR] agent: maximum retry join attempts made, exiting\n');
    expect(agent.stdout).not.toContain('Caught signal');
  });

  test('a retry that succeeds is the last one', async () => {
    const port = await freePort();
    const agent = new RunningAgent({
      ...local('b'),
      retryJoin: [`127.0.0.1:${port}`],
      retryInterval: '1s',
    });
    await agent.until('retrying in 1s');
    const first = new RunningAgent({ ...local('a'), bind: `127.0.0.1:${port}` });

    await agent.until('[INFO] agent: Join completed. Synced with 1 initial agents\n');

    for (const each of [first, agent]) each.signal('SIGTERM');
    expect(await Promise.all([first.exitCode, agent.exitCode])).toEqual([1, 1]);
  });

  test('a signal ends the wait for the next retry', async () => {
    const dead = await freePort();
    const agent = new RunningAgent({
      ...local('a'),
      retryJoin: [`127.0.0.1:${dead}`],
      retryInterval: '720h',
    });
    await agent.until('retrying in 720h0m0s');

    agent.signal('SIGINT');

    expect(await agent.exitCode).toBe(0);
  });
});

test('an engine that dies is an error line and 1', async () => {
  const posted = vi.spyOn(Worker.prototype, 'postMessage');
  const agent = new RunningAgent(local('a'));
  await agent.until(streaming);

  const engine = posted.mock.contexts[0] as unknown as Worker;
  posted.mockRestore();
  await engine.terminate();

  expect(await agent.exitCode).toBe(1);
  expect(agent.stdout).toMatch(/\n==> Error: .*the engine stopped.* \(start the agent again\)\n/);
});
