import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { replaceFile } from '../../src/engine/replace-file.js';
import { failWith } from './failing-files.js';
import { asPlainUser } from './plain-user.js';

vi.mock('node:fs/promises', async (original) => {
  const { failingFiles } = await import('./failing-files.js');
  return failingFiles(await original());
});

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tserf-replace-'));
  path = join(folder, 'file');
});
afterEach(async () => {
  failWith();
  await rm(folder, { recursive: true });
});

const isDraft = (at: string) => at.endsWith('.new');
const content = () => readFile(path, 'utf8');

test.each([
  ['a full disk', 'write', 'ENOSPC'],
  ['a disk that became read-only', 'open', 'EROFS'],
  ['a disk with an error', 'rename', 'EIO'],
] as const)(
  '%s leaves the old content and no draft, and the next try succeeds',
  async (_, at, code) => {
    await writeFile(path, 'old');

    failWith((step, where) =>
      step === at && (at !== 'write' || isDraft(where)) ? code : undefined,
    );
    await expect(replaceFile(path, 'new content', 0o644)).rejects.toMatchObject({ code });

    expect(await content()).toBe('old');
    expect(await readdir(folder)).toEqual(['file']);
    failWith();
    await replaceFile(path, 'new content', 0o644);
    expect(await content()).toBe('new content');
    expect(await readdir(folder)).toEqual(['file']);
  },
);

test.each([
  ['another file cannot be created beside it', 'open', 'EACCES'],
  ['only the file itself can be written', 'open', 'EROFS'],
  ['nothing can take its place, as it is mounted by itself', 'rename', 'EBUSY'],
  ['its place is on another disk', 'rename', 'EXDEV'],
] as const)('where %s, it is written in place and keeps its mode', async (_, at, code) => {
  await writeFile(path, 'the old content, which is longer');
  await chmod(path, 0o640);
  const { ino } = await stat(path);

  failWith((step, where) =>
    step === at && (at === 'rename' || isDraft(where)) ? code : undefined,
  );
  await replaceFile(path, 'new', 0o644);

  expect(await content()).toBe('new');
  expect(await stat(path)).toMatchObject({ ino });
  expect((await stat(path)).mode & 0o777).toBe(0o640);
  expect(await readdir(folder)).toEqual(['file']);
});

test('a new file has no place to be written in: it is refused', async () => {
  failWith((step, where) => (step === 'open' && isDraft(where) ? 'EACCES' : undefined));

  await expect(replaceFile(path, 'new', 0o644)).rejects.toMatchObject({ code: 'EACCES' });

  expect(await readdir(folder)).toEqual([]);
});

test('a disk that is full while a file is written in place is reported, and made up for by the next try', async () => {
  await writeFile(path, 'old');

  failWith((step, where) =>
    step === 'rename' ? 'EBUSY' : step === 'write' && !isDraft(where) ? 'ENOSPC' : undefined,
  );
  await expect(replaceFile(path, 'new content', 0o644)).rejects.toMatchObject({ code: 'ENOSPC' });
  failWith((step) => (step === 'rename' ? 'EBUSY' : undefined));
  await replaceFile(path, 'new content', 0o644);

  expect(await content()).toBe('new content');
});

test('in a folder that is read-only a file that may be written is, and no other one', async () => {
  await asPlainUser(folder, async () => {
    await writeFile(path, 'old');
    await chmod(folder, 0o555);

    await replaceFile(path, 'new', 0o644);
    const other = replaceFile(join(folder, 'other'), 'new', 0o644);

    await expect(other).rejects.toMatchObject({ code: 'EACCES' });
    expect(await content()).toBe('new');
    expect(await readdir(folder)).toEqual(['file']);
    await chmod(folder, 0o755);
  });
});
