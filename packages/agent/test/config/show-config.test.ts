import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { resolveConfig } from '../../src/config/resolve-config.js';
import { type ShowOptions, showConfig } from '../../src/config/show-config.js';
import type { AgentFlags } from '../../src/flags.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tserf-show-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  await writeFile(join(dir, name), text);
  return join(dir, name);
}

let notices: string[];
const show = (flags: AgentFlags, options: Partial<ShowOptions> = {}): Promise<string> => {
  notices = [];
  const notice = (line: string) => void notices.push(line);
  return showConfig(flags, { format: 'yaml', showsSecrets: false, notice, ...options });
};

describe('every value is shown with where it comes from', () => {
  test('a file, a flag, the host or the default', async () => {
    const file = await write('a.yaml', 'profile: wan\nlog_level: debug\nretry_interval: 5m');

    const lines = (await show({ configPaths: [file], logLevel: 'warn' })).split('\n');

    expect(lines).toContain(`node_name: ${hostname()} # name of this host`);
    expect(lines).toContain(`profile: wan # ${file}:1:1`);
    expect(lines).toContain('log_level: WARN # -log-level');
    expect(lines).toContain(`retry_interval: 5m0s # ${file}:3:1`);
    expect(lines).toContain('broadcast_timeout: 5s # default');
    expect(lines).toContain('start_join: [] # default');
    expect(lines).toContain('tags: {} # default');
  });

  test('each tag, and each item of a list', async () => {
    const one = await write('1.json', '{"tags":{"a":"1","b":"2"},"start_join":["x"]}');
    const two = await write('2.yaml', 'tags: {b: 1.10}\nstart_join:\n- y\n- z\n');
    const flags = { configPaths: [one, two], tag: ['c=3'], join: ['w'], role: 'web' };

    const shown = await show(flags);

    expect(shown).toContain(
      `tags:\n  a: "1" # ${one}:1:10\n  b: "1.10" # ${two}:1:8\n  c: "3" # -tag\n  role: web # -role\n`,
    );
    expect(shown).toContain(
      `start_join:\n  - x # ${one}:1:41\n  - y # ${two}:3:3\n  - z # ${two}:4:3\n  - w # -join\n`,
    );
    expect(notices).toEqual(["Deprecation warning: 'Role' has been replaced with 'Tags'"]);
  });

  test('an address that an interface gave', async () => {
    expect(await show({ iface: 'lo' })).toContain('\nbind: 127.0.0.1:7946 # -iface\n');
  });

  test('compression, of which the flag alone has the word', async () => {
    const file = await write('a.yaml', 'enable_compression: true');

    expect(await show({ configPaths: [file] })).toContain('enable_compression: true # default');
    expect(await show({ configPaths: [file], disableCompression: true })).toContain(
      'enable_compression: false # -disable-compression',
    );
  });

  test('in JSON, by their paths', async () => {
    const file = await write('a.yaml', 'tags: {a: b}\nretry_join: [x]');

    const { settings, origins } = JSON.parse(
      await show({ configPaths: [file] }, { format: 'json' }),
    );

    expect(settings).toMatchObject({ tags: { a: 'b' }, retry_join: ['x'], profile: 'lan' });
    expect(origins).toMatchObject({
      'tags.a': `${file}:1:8`,
      'retry_join.0': `${file}:2:14`,
      profile: 'default',
    });
  });
});

describe('secrets', () => {
  const flags = { encrypt: 'HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8=', rpcAuth: 'token' };

  test('are hidden', async () => {
    const shown = await show(flags);

    expect(shown).not.toContain('HvY8');
    expect(shown).not.toContain('token');
    expect(shown).toContain('rpc_auth: (hidden, see -show-secrets) # -rpc-auth');
  });

  test('unless they are asked for', async () => {
    const shown = await show(flags, { showsSecrets: true });

    expect(parse(shown)).toMatchObject({ encrypt_key: flags.encrypt, rpc_auth: 'token' });
  });

  test('that are not there are not hidden', async () => {
    expect(await show({})).toContain('rpc_auth: "" # default');
  });
});

test('what is shown is a file that means the same', async () => {
  const flags: AgentFlags = {
    ...{ node: '007', tag: ['version=1.10', 'on=yes', 'empty='], iface: 'lo', protocol: 4 },
    ...{ advertise: '[::1]:5', join: ['10.0.0.5'], retryJoin: ['a', 'b'], retryMax: 3 },
    ...{ retryInterval: '90s', replay: true, profile: 'wan', logLevel: 'err', rpcAuth: '1_000' },
    ...{ keyringFile: 'k.json', broadcastTimeout: '1.5s', mdnsDisableIPv6: true },
  };
  const config = await resolveConfig(flags, () => {});

  const file = await write('shown.yaml', await show(flags, { showsSecrets: true }));

  // `interface` has become the address that it stood for.
  expect(await resolveConfig({ configPaths: [file] }, () => {})).toEqual({
    ...config,
    mdns: { ...config.mdns, interface: undefined },
  });
});

test('a configuration that only the start would refuse is shown, with a word', async () => {
  await show({ tag: ['a=b'], tagsFile: 'x' });

  expect(notices).toEqual([
    expect.stringMatching(/^An agent would not start: Tags config not allowed while using tag/),
  ]);
});

test('a configuration that is refused is not shown', async () => {
  await expect(show({ profile: 'x' })).rejects.toThrow('Unknown profile: x');
});

test('every key is shown, but for those that have become others or have no effect', async () => {
  const { settings } = JSON.parse(await show({}, { format: 'json' }));
  const { settingsSchema } = await import('../../src/config/settings-schema.js');

  expect([...Object.keys(settings)].sort()).toEqual(
    Object.keys(settingsSchema.shape)
      .filter((key) => !['$schema', 'role', 'interface'].includes(key))
      .filter((key) => !['validate_node_names', 'MsgpackUseNewTimeFormat'].includes(key))
      .sort(),
  );
});
