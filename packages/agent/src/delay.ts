import { after, type Timer } from '@tserf/core';

export { after, type Timer };

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

/** What `work` comes to, or `otherwise` when it takes longer than that. */
export async function within<T, E>(
  limitMs: number,
  work: Promise<T>,
  otherwise: E,
): Promise<T | E> {
  let timer: Timer | undefined;
  const late = new Promise<E>((resolve) => {
    timer = after(limitMs, () => resolve(otherwise));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer?.cancel();
  }
}
