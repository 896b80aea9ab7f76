import type { SerfOptions } from '@tserf/core/pure';

/**
 * How many timers of one kind a node's open business explains. Timers are never cancelled, so those of what ended early
 * still wait for their time; but each kind is begun at a limited rate and lives for a limited time.
 */
export function timerBound(
  kind: string,
  { swim }: SerfOptions,
  members: number,
  recentRelays: number,
): number {
  switch (kind) {
    // Loops: each has one next tick.
    case 'swim.probeTick':
    case 'swim.gossipTick':
    case 'swim.pushPullTick':
    case 'reapTick':
    case 'reconnectTick':
    case 'healTick':
    case 'queueCheckTick':
    case 'leavePropagated':
      return 1;
    // One round at a time, a new one each interval. After a stall one may begin at once, and a remembered one after it.
    case 'swim.probeTimeout':
      return Math.ceil(swim.probeTimeoutMs / swim.probeIntervalMs) + 2;
    case 'swim.probeDeadline':
      return 3 * swim.awarenessMaxMultiplier;
    case 'swim.relayNack':
    case 'swim.relayDeadline':
      return recentRelays + 1;
    // A suspicion is armed once, again for each confirmation, and once for a stall. A member that refutes may be
    // suspected anew each probe interval while the timers of before still wait.
    case 'swim.suspicion': {
      const armings = swim.suspicionMult;
      const longestMs = swim.suspicionMaxTimeoutMult * swim.suspicionMult * swim.probeIntervalMs;
      return members * armings * Math.ceil(longestMs / swim.probeIntervalMs);
    }
    // Requests of the application: a few at a time in any scenario.
    default:
      return 16;
  }
}
