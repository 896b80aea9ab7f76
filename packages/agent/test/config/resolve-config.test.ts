import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentConfig } from '../../src/config/agent-config.js';
import { defaultConfig } from '../../src/config/agent-config.js';
import { resolveConfig } from '../../src/config/resolve-config.js';
import type { AgentFlags } from '../../src/flags.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tserf-resolve-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function resolve(
  flags: AgentFlags,
  ...files: object[]
): Promise<{ config: AgentConfig; notices: string[] }> {
  const configPaths: string[] = [];
  for (const [index, file] of files.entries()) {
    const path = join(dir, `${index}`);
    await writeFile(path, JSON.stringify(file));
    configPaths.push(path);
  }
  const notices: string[] = [];
  const config = await resolveConfig({ ...flags, configPaths }, (line) => notices.push(line));
  return { config, notices };
}

test('without flags and files, everything is as Serf has it, and the node is called as the host', async () => {
  expect(await resolve({})).toEqual({
    config: { ...defaultConfig, node: hostname() },
    notices: [],
  });
});

test('a wrong handler is told alone; a wrong level comes behind the warnings', async () => {
  const notices: string[] = [];
  const starting = (flags: AgentFlags) =>
    resolveConfig({ role: 'web', ...flags }, (line) => notices.push(line));

  await expect(starting({ eventHandler: ['foo=x'], iface: 'nope0' })).rejects.toThrow(
    "Invalid event script: Event 'foo' invoking 'x'",
  );
  expect(notices).toEqual([]);

  await expect(starting({ logLevel: 'loud' })).rejects.toThrow('Invalid log level: LOUD');
  expect(notices).toEqual(["Deprecation warning: 'Role' has been replaced with 'Tags'"]);
});

describe('precedence', () => {
  test('a flag beats the files, and a later file an earlier one', async () => {
    const { config } = await resolve(
      { node: 'flag', logLevel: 'err' },
      { node_name: 'one', profile: 'wan', protocol: 3 },
      { node_name: 'two', log_level: 'debug', protocol: 4 },
    );

    expect(config).toMatchObject({ node: 'flag', logLevel: 'ERR', profile: 'wan', protocol: 4 });
  });

  test('lists grow: files in their order, then flags; doubles are kept', async () => {
    const { config } = await resolve(
      { join: ['c', 'a'], retryJoin: ['z'] },
      { start_join: ['a'] },
      { start_join: ['b'], retry_join: ['y'] },
    );

    expect(config.startJoin).toEqual(['a', 'b', 'c', 'a']);
    expect(config.retryJoin).toEqual(['y', 'z']);
  });

  test('tags are merged by name; -role beats them all', async () => {
    const { config, notices } = await resolve(
      { tag: ['a=1', 'a=2=3', 'empty=', 'role=x'], role: 'web' },
      { tags: { a: '0', b: '4' } },
    );

    expect(config.tags).toEqual({ a: '2=3', b: '4', empty: '', role: 'web' });
    expect(notices).toEqual(["Deprecation warning: 'Role' has been replaced with 'Tags'"]);
  });

  test('nothing that is on can be switched off later', async () => {
    const { config } = await resolve(
      { replay: false },
      { replay_on_join: true, leave_on_terminate: true },
      { leave_on_terminate: false },
    );

    expect(config).toMatchObject({ replayOnJoin: true, leaveOnTerminate: true });
  });

  test("compression is the flag's alone", async () => {
    expect((await resolve({}, { enable_compression: false })).config.compression).toBe(true);
    expect(
      (await resolve({ disableCompression: true }, { enable_compression: true })).config
        .compression,
    ).toBe(false);
  });

  test.each([
    [{}, 30_000, 5_000],
    [{ retry_interval: '0s', broadcast_timeout: '' }, 30_000, 5_000],
    [{ retry_interval: '2m', broadcast_timeout: '1500ms' }, 120_000, 1_500],
    [{ retry_interval: '-1h', broadcast_timeout: '999ms' }, 1_000, 1_000],
  ])('durations of %j', async (file, retryIntervalMs, broadcastTimeoutMs) => {
    expect((await resolve({}, file)).config).toMatchObject({ retryIntervalMs, broadcastTimeoutMs });
  });
});

describe('addresses', () => {
  test.each([
    ['127.0.0.1', { host: '127.0.0.1', port: 7946 }],
    ['127.0.0.1:9000', { host: '127.0.0.1', port: 9000 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]', { host: '::1', port: 7946 }],
    ['[::1]:9000', { host: '::1', port: 9000 }],
    ['localhost:9000', { host: '127.0.0.1', port: 9000 }],
    [':9000', { host: '', port: 9000 }],
  ])('%s', async (text, endpoint) => {
    expect((await resolve({ bind: text })).config.bind).toEqual(endpoint);
    expect((await resolve({ advertise: text })).config.advertise).toEqual(endpoint);
  });

  test('an interface gives its address, with the configured port, and it is said which one', async () => {
    const { config, notices } = await resolve({ iface: 'lo', bind: '0.0.0.0:9000' });

    expect(config.bind).toEqual({ host: '127.0.0.1', port: 9000 });
    expect(notices).toEqual(["Using interface 'lo' address '127.0.0.1'"]);
  });

  test('an address that the interface has is taken without a word', async () => {
    const { config, notices } = await resolve({ iface: 'lo', bind: '127.0.0.1:9000' });

    expect(config.bind).toEqual({ host: '127.0.0.1', port: 9000 });
    expect(notices).toEqual([]);
  });
});

/** Every key of the files, each other than its default, but for those that exclude others. */
const everyKey = {
  node_name: 'web-1',
  tags: { role: 'web' },
  bind: '127.0.0.1:23946',
  advertise: '127.0.0.1:23947',
  interface: 'lo',
  keyring_file: 'keyring.json',
  log_level: 'debug',
  rpc_addr: '127.0.0.1:23373',
  rpc_auth: 'change-me',
  protocol: 4,
  cluster: 'blue',
  replay_on_join: true,
  query_response_size_limit: 2_000,
  query_response_stream_limit: 3_000,
  query_size_limit: 2_001,
  user_event_size_limit: 600,
  start_join: ['a'],
  event_handlers: ['user=x'],
  event_handler_timeout: '10s',
  handlers: [{ script: 'x', on: 'user' }],
  profile: 'wan',
  snapshot_path: 'serf.snapshot',
  rejoin_after_leave: true,
  leave_on_terminate: true,
  skip_leave_on_interrupt: true,
  discover: 'web',
  mdns: { interface: 'lo', disable_ipv4: true },
  reconnect_interval: '31s',
  reconnect_timeout: '720h',
  tombstone_timeout: '25h',
  broadcast_timeout: '6s',
  disable_name_resolution: true,
  disable_coordinates: true,
  enable_syslog: true,
  syslog_facility: 'local1',
  statsd_addr: '127.0.0.1:8125',
  statsite_addr: '127.0.0.1:8126',
  retry_join: ['b'],
  retry_max_attempts: 3,
  retry_interval: '32s',
};

/** The same by flags, where there is one. */
const everyFlag: AgentFlags = {
  node: 'web-1',
  tag: ['role=web'],
  bind: '127.0.0.1:23946',
  advertise: '127.0.0.1:23947',
  iface: 'lo',
  keyringFile: 'keyring.json',
  logLevel: 'debug',
  rpcAddr: '127.0.0.1:23373',
  rpcAuth: 'change-me',
  protocol: 4,
  replay: true,
  join: ['a'],
  eventHandler: ['user=x'],
  profile: 'wan',
  snapshot: 'serf.snapshot',
  rejoin: true,
  discover: 'web',
  mdnsIface: 'lo',
  mdnsDisableIPv4: true,
  syslog: true,
  retryJoin: ['b'],
  retryMax: 3,
  retryInterval: '32s',
  broadcastTimeout: '6s',
};

test('every key of a file arrives, and every flag means what its key means', async () => {
  const { config, notices } = await resolve({}, everyKey);

  expect(notices).toEqual([]);
  const still = Object.entries(config).filter(([field, value]) =>
    isDeepStrictEqual(value, defaultConfig[field as keyof typeof defaultConfig]),
  );
  // These have no key, or exclude one of those.
  expect(still.map(([field]) => field).sort()).toEqual([
    ...['compression', 'encryptionKey', 'tagsFile'],
  ]);

  const { config: byFlags } = await resolve(everyFlag);
  for (const [field, value] of Object.entries(byFlags)) {
    if (isDeepStrictEqual(value, defaultConfig[field as keyof typeof defaultConfig])) continue;
    if (field === 'syslog') expect(value).toEqual({ enabled: true, facility: 'LOCAL0' });
    else expect(value, field).toEqual(config[field as keyof AgentConfig]);
  }
  expect(byFlags).toMatchObject({ snapshotPath: 'serf.snapshot', retryMaxAttempts: 3 });
});

test('the other half of what excludes each other arrives, too', async () => {
  const file = { encrypt_key: 'YWJj', tags_file: 't' };
  const flags = { encrypt: 'YWJj', tagsFile: 't', disableCompression: true };

  expect((await resolve({}, file)).config).toMatchObject({ encryptionKey: 'YWJj', tagsFile: 't' });
  expect((await resolve(flags)).config).toMatchObject({
    encryptionKey: 'YWJj',
    tagsFile: 't',
    compression: false,
  });
});
