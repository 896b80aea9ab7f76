/** How the protocol's numbers grow with the cluster (spec/02 §24). `memberCount` counts every entry of the list. */

/**
 * How often one broadcast is sent before it is used up. 0 for an empty list; a queued item is sent once even then.
 * Below ten members it is more than the formula of spec/02 §24 gives: enough for each other member to be told once, as
 * long as ten members would cost the same.
 */
export function retransmitLimit(retransmitMult: number, memberCount: number): number {
  // `Math.log10` is exact for powers of ten, which a quotient of natural logarithms is not.
  const byFormula = retransmitMult * Math.ceil(Math.log10(memberCount + 1));
  return Math.max(byFormula, Math.min(memberCount - 1, 2 * retransmitMult));
}

/** The shortest time, in milliseconds, that a suspect gets. Not scaled by this node's own health. */
export function suspicionMinMs(
  suspicionMult: number,
  memberCount: number,
  probeIntervalMs: number,
): number {
  const nodeScale = Math.max(1, Math.log10(Math.max(1, memberCount)));
  return (suspicionMult * Math.floor(1_000 * nodeScale) * probeIntervalMs) / 1_000;
}

/** How many other members must share a suspicion before it is as short as it gets; 0 in clusters too small for that. */
export function confirmationsWanted(suspicionMult: number, memberCount: number): number {
  const wanted = suspicionMult - 2;
  return memberCount - 2 < wanted ? 0 : Math.max(0, wanted);
}

/** The wait between two push/pulls: above 32 members it grows, so that their number in the cluster stays bearable. */
export function pushPullDelayMs(intervalMs: number, memberCount: number): number {
  const threshold = 32;
  if (memberCount <= threshold) return intervalMs;
  return intervalMs * (Math.ceil(Math.log2(memberCount) - Math.log2(threshold)) + 1);
}
