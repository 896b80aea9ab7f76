import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cluster } from '../../src/cluster/cluster.js';
import type { ClusterOptions } from '../../src/cluster/cluster-options.js';

// Real sockets and files; the application's own thread, which starts faster.

vi.setConfig({ testTimeout: 60_000 });
const soon = { timeout: 20_000, interval: 20 };

let folder: string;
let snapshotFile: string;
const started: Cluster[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshot-'));
  snapshotFile = join(folder, 'serf.snapshot');
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((cluster) => cluster.shutdown()));
  await rm(folder, { recursive: true, force: true });
});

interface Heard {
  readonly lines: string[];
  readonly events: string[];
}

async function start(node: string, options: ClusterOptions = {}): Promise<Cluster & Heard> {
  const cluster = await Cluster.start({
    node,
    bind: '127.0.0.1:0',
    profile: 'local',
    thread: false,
    ...options,
  });
  started.push(cluster);
  const heard: Heard = { lines: [], events: [] };
  cluster.on('log', ({ level, text }) => heard.lines.push(`[${level}] ${text}`));
  cluster.on('user', ({ name }) => heard.events.push(name));
  return Object.assign(cluster, heard);
}

const addressOf = ({ bind }: Cluster) => `127.0.0.1:${bind.port}`;
const names = ({ members }: Cluster) =>
  members
    .filter(({ status }) => status === 'alive')
    .map(({ name }) => name)
    .sort();
const linesOf = async () => (await readFile(snapshotFile, 'utf8')).split('\n').slice(0, -1);

test('after a restart a node finds its cluster by itself, and no event comes twice', async () => {
  const beta = await start('beta');
  const first = await start('alpha', { snapshotFile, join: [addressOf(beta)] });
  await beta.event('one');
  await vi.waitFor(() => expect(first.events).toEqual(['one']), soon);
  await first.shutdown();
  await beta.event('missed');

  const again = await start('alpha', { snapshotFile, bind: addressOf(first) });
  await vi.waitFor(() => expect(names(again)).toEqual(['alpha', 'beta']), soon);
  await beta.event('two');

  await vi.waitFor(() => expect(again.events).toContain('two'), soon);
  expect(again.events).toEqual(['missed', 'two']);
  const who = `beta: ${addressOf(beta)}`;
  expect(again.lines).toContain(`[INFO] serf: Attempting re-join to previously known node: ${who}`);
  expect(again.lines).toContain(`[INFO] serf: Re-joined to previously known node: ${who}`);
  expect(await again.stats()).toMatchObject({ snapshot_errors: '0', snapshot_compactions: '0' });
});

test('after a leave a node stays alone, unless it is told to rejoin', async () => {
  const beta = await start('beta');
  const options = { snapshotFile, rejoinAfterLeave: true };
  const first = await start('alpha', { ...options, join: [addressOf(beta)] });
  await first.leave();
  await first.shutdown();
  expect(await linesOf()).toEqual(
    expect.arrayContaining(['alive: beta '.concat(addressOf(beta)), 'leave']),
  );

  const again = await start('alpha', { ...options, bind: addressOf(first) });
  await vi.waitFor(() => expect(names(again)).toEqual(['alpha', 'beta']), soon);
  expect(again.lines).toContain('[INFO] serf: Ignoring previous leave in snapshot');
  await again.leave();
  await again.shutdown();

  const alone = await start('alpha', { snapshotFile, bind: addressOf(first) });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(names(alone)).toEqual(['alpha']);
  expect(alone.lines.filter((line) => line.includes('re-join'))).toEqual([]);
});

test('a leave is in the file before the node has said its goodbye', async () => {
  const beta = await start('beta');
  const alpha = await start('alpha', { snapshotFile, join: [addressOf(beta)] });

  const leaving = alpha.leave();
  await vi.waitFor(async () => expect(await linesOf()).toContain('leave'), soon);
  await leaving;
});

test('a damaged file is read as far as it goes, with one line for what is unknown', async () => {
  await writeFile(snapshotFile, 'clock: 40\nfrobnicate: 1\nalive\nevent-clock: 7\nclock: 99');

  const alpha = await start('alpha', { snapshotFile });

  expect(await alpha.stats()).toMatchObject({ member_time: '41', event_time: '8' });
  await vi.waitFor(() => expect(alpha.lines.length).toBeGreaterThan(0), soon);
  expect(alpha.lines.filter((line) => line.includes('Unrecognized'))).toEqual([
    '[WARN] serf: Unrecognized snapshot line: frobnicate: 1 (and 1 more like it)',
  ]);
  await alpha.shutdown();
  expect((await linesOf()).slice(0, 5)).toEqual([
    'clock: 40',
    'frobnicate: 1',
    'alive',
    'event-clock: 7',
    `alive: alpha ${addressOf(alpha)}`,
  ]);
});

test('members that nobody answers for are given up with one line', async () => {
  await writeFile(snapshotFile, 'alive: alpha 127.0.0.1:1\nalive: gone 127.0.0.1:1\n');

  const alpha = await start('alpha', { snapshotFile });

  await vi.waitFor(
    () => expect(alpha.lines).toContain('[WARN] serf: Failed to re-join any previously known node'),
    soon,
  );
  expect(alpha.lines).not.toContain('previously known node: alpha');
});

test('a member that failed stays in the file, in a comment', async () => {
  const beta = await start('beta');
  const alpha = await start('alpha', { snapshotFile, join: [addressOf(beta)] });

  await beta.shutdown();

  const lines = ['not-alive: beta', `# failed: beta ${addressOf(beta)}`];
  await vi.waitFor(async () => {
    expect(alpha.member('beta')?.status).toBe('failed');
    expect(await linesOf()).toEqual(expect.arrayContaining(lines));
  }, soon);
});

test('a snapshot that cannot be opened ends the start, in words of Serf', async () => {
  const nowhere = join(folder, 'none', 'serf.snapshot');

  await expect(start('alpha', { snapshotFile: nowhere })).rejects.toMatchObject({
    code: 'BAD_SNAPSHOT',
    message: `Failed to setup snapshot: failed to open snapshot: open ${nowhere}: no such file or directory`,
  });
});
