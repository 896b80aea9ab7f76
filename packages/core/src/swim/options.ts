import type { NodeVersions } from '../wire/versions.js';

/** The timing presets of spec/02 §23. Every time is in milliseconds. */
export interface SwimProfile {
  /** Deadline of one stream, from dial to close. */
  readonly streamTimeoutMs: number;
  /** Helpers asked in an indirect probe. */
  readonly indirectChecks: number;
  readonly retransmitMult: number;
  readonly suspicionMult: number;
  readonly suspicionMaxTimeoutMult: number;
  readonly pushPullIntervalMs: number;
  readonly probeIntervalMs: number;
  /** Shorter than the interval: helpers and the stream fallback need the rest of it. */
  readonly probeTimeoutMs: number;
  readonly awarenessMaxMultiplier: number;
  /** Members that one gossip round goes to. */
  readonly gossipNodes: number;
  readonly gossipIntervalMs: number;
  /** How long the dead still get gossip, so that they can refute; also how long a dead entry is kept here. */
  readonly gossipToTheDeadMs: number;
}

const lan: SwimProfile = {
  streamTimeoutMs: 10_000,
  indirectChecks: 3,
  retransmitMult: 4,
  suspicionMult: 4,
  suspicionMaxTimeoutMult: 6,
  pushPullIntervalMs: 30_000,
  probeIntervalMs: 1_000,
  probeTimeoutMs: 500,
  awarenessMaxMultiplier: 8,
  gossipNodes: 3,
  gossipIntervalMs: 200,
  gossipToTheDeadMs: 30_000,
};

export const profiles = {
  lan,
  wan: {
    ...lan,
    streamTimeoutMs: 30_000,
    suspicionMult: 6,
    pushPullIntervalMs: 60_000,
    probeIntervalMs: 5_000,
    probeTimeoutMs: 3_000,
    gossipNodes: 4,
    gossipIntervalMs: 500,
    gossipToTheDeadMs: 60_000,
  },
  local: {
    ...lan,
    streamTimeoutMs: 1_000,
    indirectChecks: 1,
    retransmitMult: 2,
    suspicionMult: 3,
    pushPullIntervalMs: 15_000,
    probeTimeoutMs: 200,
    gossipIntervalMs: 100,
    gossipToTheDeadMs: 15_000,
  },
} as const satisfies Record<string, SwimProfile>;

export type ProfileName = keyof typeof profiles;

export interface SwimOptions extends SwimProfile {
  readonly name: string;
  /** This node's address bytes in the form that peers expect: 16 bytes where it was chosen for 0.0.0.0 (spec/01 §3). */
  readonly address: Uint8Array;
  readonly port: number;
  readonly versions: NodeVersions;
  /** Budget of one packet for gossip and piggyback, in bytes, everything included but the checksum. */
  readonly packetBudgetBytes: number;
  /** What label and encryption add to each packet now; an input says when it changes. */
  readonly packetOverheadBytes: number;
  /** After this long a dead member's name may be taken by another address; 0 means never before it is reaped. */
  readonly deadNodeReclaimMs: number;
  /** No stream fallback in probes. */
  readonly disableStreamProbes: boolean;
  /** Messages that the broadcast queue holds at most; beyond it the most transmitted are dropped and counted. */
  readonly broadcastQueueLimit: number;
  /** Members this node holds at most; beyond it new names are refused and counted. */
  readonly memberLimit: number;
  /** Networks (CIDR) that members may live in; empty allows all. */
  readonly allowedNetworks: readonly string[];
}
