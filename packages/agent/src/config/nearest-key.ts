/** Serf's flags have other names than its keys, and are what people remember. */
const keyOfFlag: ReadonlyMap<string, string> = new Map([
  ['node', 'node_name'],
  ['name', 'node_name'],
  ['tag', 'tags'],
  ['iface', 'interface'],
  ['encrypt', 'encrypt_key'],
  ['join', 'start_join'],
  ['replay', 'replay_on_join'],
  ['retry_max', 'retry_max_attempts'],
  ['snapshot', 'snapshot_path'],
  ['rejoin', 'rejoin_after_leave'],
  ['syslog', 'enable_syslog'],
  ['event_handler', 'event_handlers'],
  ['disable_compression', 'enable_compression'],
  ['leave_on_interrupt', 'skip_leave_on_interrupt'],
  ['mdns_iface', 'mdns'],
]);

/** The known key that was probably meant, or undefined when none is near. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const normal = key.toLowerCase().replaceAll(/[-. ]/g, '_');
  const ofFlag = keyOfFlag.get(normal);
  if (ofFlag !== undefined) return ofFlag;

  // Two slips in a short word make another word; in a long one they don't.
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.floor(normal.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(normal, candidate.toLowerCase());
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** How many letters were added, dropped, changed or swapped with their neighbour. */
function editDistance(from: string, to: string): number {
  // A key longer than every known one is near to none, whatever its length.
  if (Math.abs(from.length - to.length) > 3) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const changed = (last[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      current.push(
        Math.min(changed, swapped, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1),
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
