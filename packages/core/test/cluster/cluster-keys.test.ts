import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { readKeyringFile } from '../../src/engine/keyring-file.js';
import { addressOf, shutDownAll, soon, start, startThree, statuses } from './nodes.js';

afterEach(shutDownAll);

// A thread from source takes a while to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64');

test('a rotation on three nodes changes what they seal with and their files; nobody is lost on the way', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tserf-rotation-'));
  const files = ['a', 'b', 'c'].map((name) => join(folder, name));
  for (const file of files) await writeFile(file, JSON.stringify([keyOf(1)]), { mode: 0o600 });
  const [a, b, c] = await startThree((name) => ({ keyringFile: join(folder, name) }));
  const heard: string[] = [];
  c.on('user', ({ name }) => heard.push(name));
  const inFiles = () => Promise.all(files.map(async (file) => (await readKeyringFile(file)).keys));

  expect(await a.installKey(keyOf(2))).toMatchObject({ numNodes: 3, numResponses: 3 });
  expect(await b.useKey(keyOf(2))).toMatchObject({ numNodes: 3, numErrors: 0 });
  await expect(a.removeKey(keyOf(2))).rejects.toMatchObject({
    message: expect.stringMatching(
      /^3\/3 nodes reported failure\n\t\* .: removing the primary key is not allowed/,
    ),
  });
  await c.removeKey(keyOf(1));

  const { keys, primaryKeys } = await b.listKeys();
  expect([...keys]).toEqual([[keyOf(2), 3]]);
  expect([...primaryKeys]).toEqual([[keyOf(2), 3]]);
  await a.event('after');
  await vi.waitFor(() => expect(heard).toEqual(['after']), soon);
  const second = new Uint8Array(32).fill(2);
  await vi.waitFor(
    async () => expect(await inFiles()).toEqual([[second], [second], [second]]),
    soon,
  );
  expect(await b.stats()).toMatchObject({
    encryption_failures: '0',
    isolated: 'false',
    failed: '0',
  });
  await expect(a.useKey(keyOf(9))).rejects.toThrow('b: requested key is not in the keyring');
  await rm(folder, { recursive: true });
});

test('a node that cannot write its keys says so to whoever changes them, and makes up for it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tserf-unwritten-'));
  const keyringFile = join(folder, 'keys', 'b');
  await mkdir(dirname(keyringFile));
  await writeFile(keyringFile, JSON.stringify([keyOf(1)]));
  const a = await start('a', { encryptionKey: keyOf(1), thread: false });
  const b = await start('b', { keyringFile, thread: false, join: [addressOf(a)] });
  await vi.waitFor(() => expect(statuses(a)).toEqual({ a: 'alive', b: 'alive' }), soon);
  await rm(dirname(keyringFile), { recursive: true });

  const failure = await a.installKey(keyOf(2)).catch((error: unknown) => error);

  expect(failure).toMatchObject({
    message: `1/2 nodes reported failure\n\t* b: Failed to write keyring file: open ${keyringFile}: no such file or directory`,
  });
  await mkdir(dirname(keyringFile));
  const both = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  await vi.waitFor(
    async () => expect((await readKeyringFile(keyringFile)).keys).toEqual(both),
    soon,
  );
  expect(await a.installKey(keyOf(2))).toMatchObject({ numResponses: 2, numErrors: 0 });
  expect((await b.stats())['failed_keyring_writes']).toMatch(/^[1-9]/);
  await rm(folder, { recursive: true });
});
