import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@tserf/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AgentFlags } from '../../src/flags.js';
import { eventually, freePort, local, RunningAgent, silentListener } from '../running.js';

vi.setConfig({ testTimeout: 60_000 });

let dir: string;
let file: string;
let agent: RunningAgent;
let rpc: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tserf-reload-'));
  file = join(dir, 'agent.yaml');
  rpc = `127.0.0.1:${await freePort()}`;
});
afterEach(async () => {
  agent.signal('SIGTERM');
  agent.signal('SIGTERM');
  await agent.exitCode;
  await rm(dir, { recursive: true });
});

async function start(text: string, flags: Partial<AgentFlags> = {}): Promise<void> {
  await writeFile(file, text);
  agent = new RunningAgent({ ...local('a'), rpcAddr: rpc, configPaths: [file], ...flags });
  await agent.until('Log data will now stream in');
}

/** Sends SIGHUP and resolves to what was said about it, without the log. */
async function reload(text: string): Promise<string> {
  await writeFile(file, text);
  return hangUp();
}

async function hangUp(): Promise<string> {
  const from = agent.stdout.length;
  agent.signal('SIGHUP');
  const said = () =>
    agent.stdout
      .slice(from)
      .split('\n')
      .filter((line) => !/^ {4}\d{4}\//.test(line))
      .join('\n');
  // The lines behind the message come at once.
  await eventually(() => /\n {4}(Nothing|Only|[a-z_]+:) /.test(said()), said);
  return said();
}

async function tags(): Promise<Readonly<Record<string, string>>> {
  await using client = await Client.connect({ address: rpc });
  return (await client.members())[0]?.tags ?? {};
}

const reloading = '==> Caught signal: hangup\n==> Reloading configuration...\n';

test('the log level counts from the next record on', async () => {
  await start('log_level: warn');
  expect(agent.stdout).not.toContain('[INFO]');

  expect(await reload('log_level: info')).toBe(`${reloading}    log_level: INFO (was WARN)\n`);

  await (await Client.connect({ address: rpc })).close();
  await agent.until('[INFO] agent.ipc: Accepted client');
});

test('how signals end it is what the newest file says', async () => {
  await start('');

  await reload('leave_on_terminate: true');
  agent.signal('SIGTERM');

  expect(await agent.exitCode).toBe(0);
  expect(agent.stdout).toContain('Gracefully shutting down agent...');
});

test('tags of the file change, and those set at run time stay', async () => {
  await start('tags: {role: web, zone: 1}', { tag: ['flag=x'] });
  await using client = await Client.connect({ address: rpc });
  await client.updateTags({ set: { run: 'time' } });

  expect(await reload('tags: {role: db, new: 1.10}')).toBe(
    `${reloading}    tags: role=db (was web)\n    tags: new=1.10\n    tags: zone removed\n`,
  );

  await eventually(async () => (await tags())['role'] === 'db');
  expect(await tags()).toEqual({ role: 'db', new: '1.10', flag: 'x', run: 'time' });
});

test('handlers are others from the next event on', async () => {
  const old = join(dir, 'old');
  const both = join(dir, 'both');
  await start(`event_handlers: ["user=echo $SERF_USER_EVENT >>${old}"]`);
  await send('first');
  await eventually(async () => (await readIfThere(old)) === 'first\n');

  const said = await reload(
    `handlers: [{ name: new, script: 'echo $SERF_USER_EVENT >>${both}', on: user, where: { role: '' } }]`,
  );
  await send('second');

  expect(said).toContain('    event_handlers: user=echo $SERF_USER_EVENT >>');
  expect(said).toContain('    handlers: new added\n');
  await eventually(async () => (await readIfThere(both)) === 'second\n');
  expect(await readFile(old, 'utf8')).toBe('first\n');
  await using client = await Client.connect({ address: rpc });
  expect(await client.stats()).toMatchObject({
    event_handlers: {},
    handlers: { 'new.succeeded': '1' },
  });
});

async function send(name: string): Promise<void> {
  await using client = await Client.connect({ address: rpc });
  await client.event(name, undefined, { coalesce: false });
}

async function readIfThere(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

test('a tags file and its tags survive', async () => {
  const tagsFile = join(dir, 'tags.json');
  await start(`tags_file: ${tagsFile}`);
  await using client = await Client.connect({ address: rpc });
  await client.updateTags({ set: { role: 'web' } });

  expect(await hangUp()).toBe(`${reloading}    Nothing has changed\n`);

  expect(await tags()).toEqual({ role: 'web' });
  expect(await readFile(tagsFile, 'utf8')).toBe('{\n  "role": "web"\n}');
});

test('a broken file changes nothing, and says so', async () => {
  await start('log_level: warn\ntags: {role: web}');

  expect(await reload('log_level: debug\ntags: {role: db}\nprofil: lan')).toBe(
    `${reloading}==> Error decoding '${file}': ${file}:3:1: 'profil' is not a known key, did you mean 'profile'?\n` +
      '==> Failed to reload configs\n    Nothing has changed\n',
  );
  await rm(file);
  expect(await hangUp()).toContain(`==> Error reading '${file}': open ${file}: no such file`);

  expect(await tags()).toEqual({ role: 'web' });
  expect(agent.stdout).not.toContain('[INFO]');
});

test('a wrong level does not hold up the rest', async () => {
  await start('log_level: warn');

  expect(await reload('log_level: loud\ntags: {a: b}')).toBe(
    `${reloading}==> Invalid log level: LOUD. Valid log levels are: [TRACE DEBUG INFO WARN ERR] in ${file}:1:1\n` +
      '    tags: a=b\n',
  );
});

test('what needs a restart is named, again and again', async () => {
  await start('profile: local');
  const said = `${reloading}    Only a restart takes over: rpc_auth, start_join\n`;

  expect(await reload('rpc_auth: x\nstart_join: [127.0.0.1:1]')).toBe(said);
  expect(await hangUp()).toBe(said);
});

test('tags that are too long are refused; the rest stands, and the next reload tries again', async () => {
  await start('log_level: warn');
  await using client = await Client.connect({ address: rpc });
  await client.updateTags({ set: { run: 'x'.repeat(400) } });
  const text = `log_level: err\ntags: {a: ${'y'.repeat(200)}}`;

  expect(await reload(text)).toContain(
    '==> Failed to update tags: Encoded length of tags exceeds limit of 512 bytes\n    log_level: ERR (was WARN)\n',
  );

  await client.updateTags({ delete: ['run'] });
  expect(await hangUp()).toMatch(/hangup\n.*configuration\.\.\.\n {4}tags: a=y+\n$/);
  expect(Object.keys(await tags())).toEqual(['a']);
});

test('a hangup while the agent joins is answered, and harms nothing', async () => {
  await using silent = await silentListener();
  await writeFile(file, 'log_level: warn');
  agent = new RunningAgent({
    ...local('a'),
    configPaths: [file],
    join: [`127.0.0.1:${silent.port}`],
  });
  await agent.until('Joining cluster...');

  expect(await reload('log_level: err')).toContain('log_level: ERR (was WARN)');
});

test('many at once are a few', async () => {
  await start('log_level: warn');

  for (let count = 0; count < 50; count++) agent.signal('SIGHUP');
  await hangUp();

  expect(agent.stdout.match(/Reloading/g)?.length).toBeLessThan(10);
});
