import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { call, tserf } from '../harness/agents.ts';
import { freePort } from '../harness/ports.ts';
import { endAll, Running } from '../harness/processes.ts';

let folder: string;
let gossip: string;
let rpc: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'every-key-'));
  gossip = `127.0.0.1:${await freePort()}`;
  rpc = `127.0.0.1:${await freePort()}`;
  await writeFile(join(folder, 'keyring.json'), '["HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8="]');
});
afterEach(async () => {
  await endAll();
  await rm(folder, { recursive: true });
});

/** Every key that Serf knows, but for those that exclude others: `role` and `tags_file`, `encrypt_key`. */
const everyKey = () => ({
  node_name: 'web-1',
  disable_coordinates: false,
  tags: { role: 'web', dc: 'east' },
  bind: gossip,
  advertise: gossip,
  interface: 'lo',
  keyring_file: join(folder, 'keyring.json'),
  log_level: 'debug',
  rpc_addr: rpc,
  rpc_auth: 'change-me',
  protocol: 5,
  replay_on_join: false,
  query_response_size_limit: 1024,
  query_size_limit: 1024,
  user_event_size_limit: 512,
  start_join: [],
  event_handlers: [
    'member-join,member-leave,member-failed=cat',
    'user:deploy=cat',
    'query:uptime=uptime',
    'cat >/dev/null',
  ],
  profile: 'local',
  snapshot_path: join(folder, 'serf.snapshot'),
  leave_on_terminate: true,
  skip_leave_on_interrupt: false,
  discover: '',
  mdns: { interface: '', disable_ipv4: false, disable_ipv6: true },
  reconnect_interval: '30s',
  reconnect_timeout: '24h',
  tombstone_timeout: '24h',
  disable_name_resolution: false,
  enable_syslog: false,
  syslog_facility: 'LOCAL0',
  retry_join: [],
  retry_max_attempts: 0,
  retry_interval: '30s',
  rejoin_after_leave: true,
  enable_compression: true,
  statsite_addr: '127.0.0.1:23125',
  statsd_addr: '127.0.0.1:23126',
  broadcast_timeout: '5s',
  validate_node_names: false,
  MsgpackUseNewTimeFormat: false,
});

/** A line for each key; values as JSON, which YAML takes. */
function yamlOf(file: object): string {
  const lines = Object.entries(file).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
  return lines.join('');
}

describe.each([
  ['json', (file: object) => JSON.stringify(file, undefined, 2)],
  ['yaml', yamlOf],
] as const)('a file with every key of Serf, in %s', (ending, write) => {
  test('starts an agent that handles events, answers queries, and leaves when it is terminated', async () => {
    const file = join(folder, `agent.${ending}`);
    await writeFile(file, write(everyKey()));
    expect(await call(tserf, 'config', 'check', file)).toMatchObject({ code: 0, stderr: '' });

    const agent = new Running(tserf.command, [...tserf.before, 'agent', `-config-file=${file}`]);
    await agent.printed(/Log data will now stream in/);

    expect(agent.stdout).toContain(
      '==> Starting Serf agent...\n' +
        '==> Starting Serf agent RPC...\n' +
        '==> Serf agent running!\n' +
        "                      Node name: 'web-1'\n" +
        `                      Bind addr: '${gossip}'\n` +
        `    Advertise addr: '${gossip}'\n` +
        `                       RPC addr: '${rpc}'\n` +
        '                      Encrypted: true\n' +
        '                       Snapshot: true\n' +
        '                        Profile: local\n' +
        '    Message Compression Enabled: true\n',
    );
    const joined = /\[DEBUG\] agent: Event 'member-join' script output: (.*)\n/;
    expect((await agent.printed(joined))[1]).toBe('web-1\t127.0.0.1\tweb\tdc=east,role=web');

    const client = (...args: string[]) =>
      call(tserf, ...args.slice(0, 1), `-rpc-addr=${rpc}`, '-rpc-auth=change-me', ...args.slice(1));
    expect((await client('event', 'deploy', 'now')).code).toBe(0);
    await agent.printed(/Event 'user' script output: now\n/);
    expect((await client('query', '-timeout=3s', 'uptime')).stdout).toMatch(
      /Response from 'web-1': .*load average/,
    );

    agent.signal('SIGTERM');
    expect(await agent.exited).toBe(0);
    expect(agent.stdout).toContain('==> Gracefully shutting down agent...\n');
    expect(await readFile(join(folder, 'serf.snapshot'), 'utf8')).toContain('\nleave\n');
  });
});
