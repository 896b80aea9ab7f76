import { chown } from 'node:fs/promises';

/** `nobody`, who owns nothing. */
const uid = 65_534;

/**
 * Runs something in a folder as a user whom permission bits bind: root, as whom tests run in containers, may write
 * anywhere. The folder is made that user's own.
 */
export async function asPlainUser(folder: string, run: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return run();
  await chown(folder, uid, uid);
  process.seteuid?.(uid);
  try {
    await run();
  } finally {
    process.seteuid?.(0);
  }
}
