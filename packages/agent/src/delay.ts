/** Node's timers hold a 32-bit signed number of milliseconds; a longer delay would fire at once. */
const longestMs = 2 ** 31 - 1;

/** A timer that can be called off; calling off twice is harmless. */
export interface Delay {
  cancel(): void;
}

/**
 * Calls `run` once, after `delayMs` of monotonic time, however long: operators write `720h`, which is more than a
 * Node timer holds. The one timer of this package.
 */
export function after(delayMs: number, run: () => void): Delay {
  const dueMs = performance.now() + Math.max(0, delayMs);
  let handle: NodeJS.Timeout | undefined;
  const arm = (): void => {
    const leftMs = dueMs - performance.now();
    if (leftMs <= longestMs) handle = setTimeout(run, Math.ceil(Math.max(0, leftMs)));
    else handle = setTimeout(arm, longestMs);
  };
  arm();
  return { cancel: () => clearTimeout(handle) };
}

/** Resolves after `delayMs`, or as soon as `signal` is aborted. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = after(delayMs, end);
    signal.addEventListener('abort', end);
  });
}
