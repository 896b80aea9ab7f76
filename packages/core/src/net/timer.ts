/** Node's timers hold a 32-bit signed number of milliseconds; a longer delay would fire at once. */
export const longestDelayMs = 2 ** 31 - 1;

export interface Timer {
  /** Forgets the timer. Harmless when it has fired or was cancelled. */
  cancel(): void;
}

/**
 * The one timer of this package: calls `run` once, after `delayMs` of monotonic time. A delay beyond what Node's timers
 * hold (24.8 days) is waited for in pieces; `Infinity` never fires. Throws a RangeError for NaN.
 */
export function after(delayMs: number, run: () => void): Timer {
  if (Number.isNaN(delayMs)) throw new RangeError('a timer needs a number of milliseconds');
  const dueMs = performance.now() + Math.max(0, delayMs);
  let handle: NodeJS.Timeout | undefined;

  const arm = (): void => {
    const leftMs = dueMs - performance.now();
    const isLast = leftMs <= longestDelayMs;
    // Rounded up: Node cuts fractions off, and a timer that comes early is a wrong timer.
    handle = setTimeout(
      isLast ? run : arm,
      isLast ? Math.ceil(Math.max(0, leftMs)) : longestDelayMs,
    );
  };
  arm();

  return { cancel: () => clearTimeout(handle) };
}
