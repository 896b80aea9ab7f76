import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats `check` until it returns without throwing, and returns what it returned. Fails with its last error when that
 * takes longer than `withinMs`.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { withinMs, everyMs = 100 }: { readonly withinMs: number; readonly everyMs?: number },
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) {
        throw new Error(
          `not so within ${withinMs} ms: ${error instanceof Error ? error.message : error}`,
          {
            cause: error,
          },
        );
      }
      await sleep(everyMs);
    }
  }
}
