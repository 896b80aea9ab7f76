import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SnapshotError, SnapshotFile } from '../../../src/engine/snapshot/snapshot-file.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshot-'));
  path = join(folder, 'serf.snapshot');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function linesOf(text: string | Uint8Array) {
  await writeFile(path, text);
  const lines: string[] = [];
  const file = await SnapshotFile.open(path, (line) => lines.push(line));
  return { lines, file };
}

test('a new file is readable for all, and empty', async () => {
  const file = await SnapshotFile.open(path, () => expect.unreachable());
  await file.close();

  expect((await stat(path)).mode & 0o777 & ~0o022).toBe(0o644);
  expect(file.sizeBytes).toBe(0);
});

test('every whole line is handed over, and appends go behind them', async () => {
  const { lines, file } = await linesOf('alive: ä 10.0.0.1:7946\n\nclock: 1\n');

  await file.append('clock: 2\n');
  await file.close();

  expect(lines).toEqual(['alive: ä 10.0.0.1:7946', '', 'clock: 1']);
  expect(await readFile(path, 'utf8')).toBe('alive: ä 10.0.0.1:7946\n\nclock: 1\nclock: 2\n');
  expect(file.sizeBytes).toBe((await stat(path)).size);
});

test('a torn last line is cut off before anything follows it (weakness 16)', async () => {
  const { lines, file } = await linesOf('clock: 1\nclock: 9');

  await file.append('clock: 2\n');
  await file.close();

  expect(lines).toEqual(['clock: 1']);
  expect(await readFile(path, 'utf8')).toBe('clock: 1\nclock: 2\n');
});

test('lines are found across the pieces that a large file is read in', async () => {
  const written = Array.from({ length: 20_000 }, (_, index) => `clock: ${index}`);
  const { lines, file } = await linesOf(`${written.join('\n')}\n`);
  await file.close();

  expect(lines).toEqual(written);
});

test('a line without end is cut short, and takes no memory', async () => {
  const { lines, file } = await linesOf(
    Buffer.concat([Buffer.alloc(500_000, 'x'), Buffer.from('\nclock: 1\n')]),
  );
  await file.close();

  expect(lines.map((line) => line.length)).toEqual([8_192, 8]);
  expect(file.sizeBytes).toBe(500_010);
});

test('a replacement keeps the mode, leaves nothing behind, and is appended to (weakness 15)', async () => {
  const { file } = await linesOf('clock: 1\nclock: 2\n');
  await chmod(path, 0o600);

  await file.replace('clock: 2\n');
  await file.append('clock: 3\n');
  await file.close();

  expect(await readFile(path, 'utf8')).toBe('clock: 2\nclock: 3\n');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['serf.snapshot']);
});

test.each([
  ['a folder that is not there', () => join(folder, 'none', 'x'), 'no such file or directory'],
  ['a folder', () => folder, 'is a directory'],
  ['a device', () => '/dev/null', 'not a regular file'],
])('%s is refused in words of Serf', async (_, where, reason) => {
  const opening = SnapshotFile.open(where(), () => undefined);

  await expect(opening).rejects.toThrow(SnapshotError);
  await expect(opening).rejects.toThrow(`failed to open snapshot: open ${where()}: ${reason}`);
});
