/** Node fires longer timers at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Calls `expired` once after `afterMs`, unless the returned function is called before. */
export function startDeadline(afterMs: number, expired: () => void): () => void {
  let leftMs = afterMs;
  let timer: NodeJS.Timeout;
  const arm = () => {
    const stepMs = Math.min(leftMs, longestTimerMs);
    leftMs -= stepMs;
    timer = setTimeout(() => (leftMs > 0 ? arm() : expired()), stepMs);
  };
  arm();
  return () => clearTimeout(timer);
}
