import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readKeyringFile } from '../../src/engine/keyring-file.js';
import { KeyringWriter } from '../../src/engine/keyring-writer.js';
import { SnapshotFile } from '../../src/engine/snapshot/snapshot-file.js';
import { SnapshotWriter } from '../../src/engine/snapshot/snapshot-writer.js';
import { SnapshotState } from '../../src/serf/snapshot/snapshot-state.js';
import { failWith } from './failing-files.js';
import { asPlainUser } from './plain-user.js';

vi.mock('node:fs/promises', async (original) => {
  const { failingFiles } = await import('./failing-files.js');
  return failingFiles(await original());
});

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tserf-failing-disk-'));
  path = join(folder, 'file');
});
afterEach(async () => {
  failWith();
  await rm(folder, { recursive: true });
});

const patience = { timeout: 15_000, interval: 10 };
const content = () => readFile(path, 'utf8');
const alive = (name: string) =>
  ({ type: 'alive', peer: { name, endpoint: { host: '10.0.0.1', port: 7_946 } } }) as const;
const line = (name: string) => `alive: ${name} 10.0.0.1:7946\n`;

/** The parts of a node's snapshot over the real file system, with short pauses. */
async function snapshot(options: { readonly pendingLimitBytes?: number } = {}) {
  const log: string[] = [];
  const state = new SnapshotState({ rejoinAfterLeave: false, aliveLimit: 100, failedLimit: 100 });
  const writer = new SnapshotWriter(
    await SnapshotFile.open(path, () => undefined),
    state,
    ({ level, text }) => log.push(`${level} ${text}`),
    { flushMs: 5, firstRetryMs: 10, longestRetryMs: 20, ...options },
  );
  const failed = (times: number) =>
    vi.waitFor(() => expect(writer.counters.errors).toBeGreaterThanOrEqual(times), patience);
  return { log, writer, failed };
}

test('a snapshot whose disk is full, then read-only, then well again is whole, without half a line', async () => {
  const { log, writer, failed } = await snapshot();
  writer.write([alive('a')]);
  await vi.waitFor(async () => expect(await content()).toBe(line('a')), patience);

  failWith((step) => (step === 'write' ? 'ENOSPC' : undefined));
  writer.write([alive('b')]);
  await failed(3);
  expect(await content()).toBe(line('a') + line('b').slice(0, line('b').length / 2));
  failWith(() => 'EROFS');
  writer.write([alive('c')]);
  await failed(writer.counters.errors + 3);
  failWith();
  await vi.waitFor(
    async () => expect(await content()).toBe(line('a') + line('b') + line('c')),
    patience,
  );
  writer.write([alive('d')]);
  await writer.close();

  expect(await content()).toBe(['a', 'b', 'c', 'd'].map(line).join(''));
  expect(await readdir(folder)).toEqual(['file']);
  expect(log).toEqual([
    'ERR serf: Failed to update snapshot: no space left on device; it is tried again until it works',
    'INFO serf: Snapshot is written again',
  ]);
});

test('a snapshot whose folder was read-only for a while is there again, whole', async () => {
  await asPlainUser(folder, async () => {
    // Whatever waits is given up for a whole new file at once.
    const { log, writer, failed } = await snapshot({ pendingLimitBytes: 0 });
    await rm(path);
    await chmod(folder, 0o555);

    writer.write([alive('a')]);
    await failed(2);
    writer.write([alive('b')]);
    await chmod(folder, 0o755);
    await vi.waitFor(async () => expect(await content()).toBe(line('a') + line('b')), patience);
    await writer.close();

    expect(log).toEqual([
      'ERR serf: Failed to update snapshot: permission denied; it is tried again until it works',
      'INFO serf: Snapshot is written again',
    ]);
  });
});

test('a keyring file whose disk is full holds the old keys, and the new ones as soon as there is room', async () => {
  const [first, second] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
  const lines: string[] = [];
  const writer = new KeyringWriter({
    path,
    log: ({ level, text }) => lines.push(`${level} ${text}`),
    failed: () => undefined,
  });
  writer.save([first]);
  await vi.waitFor(
    async () => expect((await readKeyringFile(path)).keys).toEqual([first]),
    patience,
  );

  failWith((step) => (step === 'write' ? 'ENOSPC' : undefined));
  const error = await new Promise((resolve) => writer.save([second, first], resolve));
  expect(error).toBe(`Failed to write keyring file: open ${path}: no space left on device`);
  expect((await readKeyringFile(path)).keys).toEqual([first]);
  failWith();

  await vi.waitFor(
    async () => expect((await readKeyringFile(path)).keys).toEqual([second, first]),
    patience,
  );
  await writer.close();
  expect(lines.at(-1)).toBe(`INFO serf: keyring file written: ${path}`);
});

test('a keyring file in a read-only folder is written in place', async () => {
  await asPlainUser(folder, async () => {
    const lines: string[] = [];
    await writeFile(path, '[]', { mode: 0o600 });
    await chmod(folder, 0o555);
    const writer = new KeyringWriter({
      path,
      log: ({ text }) => lines.push(text),
      failed: () => undefined,
    });

    const key = new Uint8Array(16).fill(1);
    const error = await new Promise((resolve) => writer.save([key], resolve));
    await writer.close();

    expect(error).toBeUndefined();
    expect((await readKeyringFile(path)).keys).toEqual([key]);
    expect(lines).toEqual([]);
    await chmod(folder, 0o755);
  });
});
