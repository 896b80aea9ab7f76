import { chmod, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../net/system-error.js';

/**
 * Gives a file a new content so that a reader, and a machine that loses its power, has the old one or the new one and
 * never a half. A link stays a link and an existing file keeps its mode; a new one gets `mode`. Where the folder lets
 * nobody create or rename (a file mounted by itself into a container), the file is written in place.
 *
 * Rejects with the system's error; then the old content stands, unless writing in place failed midway.
 */
export async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const existing = await stat(target).catch(() => undefined);
  if (existing?.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
  const draft = `${target}.new`;
  try {
    await writeDraft(draft, content, existing === undefined ? mode : existing.mode & 0o7777);
    await rename(draft, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    if (existing === undefined || !isFolderRefusal(error)) throw error;
    await writeFile(target, content);
  }
}

async function writeDraft(draft: string, content: string, mode: number): Promise<void> {
  // One that a crash left behind must not pass its mode or its link on.
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  // The umask has taken bits away.
  await chmod(draft, mode);
}

/** Not every system lets a folder be opened; the new name is then on disk a little later. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    return;
  }
}

function isFolderRefusal(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EBUSY', 'EXDEV', 'EROFS'].includes(errorCode(error) ?? '');
}
