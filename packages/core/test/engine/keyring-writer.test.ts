import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readKeyringFile } from '../../src/engine/keyring-file.js';
import { KeyringWriter } from '../../src/engine/keyring-writer.js';

const first = new Uint8Array(16).fill(1);
const second = new Uint8Array(32).fill(2);

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tserf-keyring-writer-'));
});
afterEach(() => rm(folder, { recursive: true }));

function writerOf(path: string) {
  const lines: string[] = [];
  let failures = 0;
  const writer = new KeyringWriter({
    path,
    log: ({ level, text }) => lines.push(`${level} ${text}`),
    failed: () => (failures += 1),
  });
  return { writer, lines, failures: () => failures };
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('the file has the form of Serf, the primary first, and belongs to its owner alone', async () => {
  const path = join(folder, 'keyring');
  const { writer, lines } = writerOf(path);

  writer.save([second, first]);
  await writer.close();

  expect(await readFile(path, 'utf8')).toBe(
    '[\n  "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=",\n  "AQEBAQEBAQEBAQEBAQEBAQ=="\n]',
  );
  expect(await modeOf(path)).toBe(0o600);
  expect(lines).toEqual([]);
});

test('a file that is there keeps its mode, and a link to it stays a link', async () => {
  const path = join(folder, 'keyring');
  const link = join(folder, 'link');
  await writeFile(path, '[]');
  await chmod(path, 0o640);
  await symlink(path, link);
  const { writer } = writerOf(link);

  writer.save([first]);
  await writer.close();

  expect(await modeOf(path)).toBe(0o640);
  expect((await readKeyringFile(path)).keys).toEqual([first]);
  expect((await readKeyringFile(link)).keys).toEqual([first]);
});

test('of many changes in a row the last one is in the file', async () => {
  const path = join(folder, 'keyring');
  const { writer } = writerOf(path);

  for (let count = 1; count <= 50; count += 1) writer.save([new Uint8Array(16).fill(count), first]);
  await writer.close();

  expect((await readKeyringFile(path)).keys).toEqual([new Uint8Array(16).fill(50), first]);
});

test('a write that failed is said, counted, and made up for when the folder is back', async () => {
  const path = join(folder, 'later', 'keyring');
  const { writer, lines, failures } = writerOf(path);

  writer.save([first]);
  await vi.waitFor(() => expect(failures()).toBe(1), 15_000);
  writer.save([second, first]);
  await mkdir(join(folder, 'later'));

  await vi.waitFor(async () => expect((await readKeyringFile(path)).keys[0]).toEqual(second), {
    timeout: 15_000,
    interval: 50,
  });
  await writer.close();
  expect(lines[0]).toBe(
    `ERR serf: Failed to write keyring file: open ${path}: no such file or directory. ` +
      'The keys in use are kept in memory, and writing is tried again',
  );
  expect(lines.at(-1)).toBe(`INFO serf: keyring file written: ${path}`);
});

test('whoever saves hears how the first attempt ended', async () => {
  const path = join(folder, 'later', 'keyring');
  const { writer } = writerOf(path);
  const heard: (string | undefined)[] = [];
  const saved = () =>
    new Promise<void>((resolve) => {
      writer.save([first], (error) => resolve(void heard.push(error)));
    });

  await saved();
  await mkdir(join(folder, 'later'));
  await Promise.all([saved(), saved()]);
  await writer.close();

  expect(heard).toEqual([
    `Failed to write keyring file: open ${path}: no such file or directory`,
    undefined,
    undefined,
  ]);
});

test('an end that cannot write says what a restart will find', async () => {
  const path = join(folder, 'nowhere', 'keyring');
  const { writer, lines, failures } = writerOf(path);

  writer.save([first]);
  await vi.waitFor(() => expect(failures()).toBe(1), 15_000);
  await writer.close();

  expect(lines.at(-1)).toMatch(/a restart comes up with old ones$/);
});
