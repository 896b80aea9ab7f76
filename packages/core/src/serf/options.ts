import type { SwimOptions } from '../swim/options.js';
import type { Tags } from './member.js';

/** Everything the pure node needs (spec/03 §21); times in milliseconds. Every field is present: defaults are set at the door. */
export interface SerfOptions {
  readonly swim: SwimOptions;
  readonly tags: Tags;
  /** Serf protocol version spoken, 2 to 5. Below 3 only the role travels. */
  readonly protocol: number;
  /** How long a leave, force-leave or tag update waits until its message has left the queue. */
  readonly broadcastTimeoutMs: number;
  /** How long a leaving node stays up to answer probes until others know. */
  readonly leavePropagateDelayMs: number;
  readonly reapIntervalMs: number;
  readonly reconnectIntervalMs: number;
  /** How often this node looks for peers and seeds that it lost; 0 never. */
  readonly healIntervalMs: number;
  /** Addresses (`host`, `host:port`) that this node goes back to whenever it finds itself without who is there. */
  readonly seeds: readonly string[];
  /**
   * Whether the first contact with a seed asks for user events of before, as a join may. Later ones always do: they mend a
   * partition, on whose other side something may have been missed.
   */
  readonly replaySeeds: boolean;
  /** A failed member is forgotten after this. */
  readonly reconnectTimeoutMs: number;
  /** A left member is forgotten after this. */
  readonly tombstoneTimeoutMs: number;
  readonly flapTimeoutMs: number;
  readonly recentIntentTimeoutMs: number;
  readonly queueCheckIntervalMs: number;
  readonly queueDepthWarning: number;
  readonly maxQueueDepth: number;
  /** Whether this node keeps no place in the network, and tells none. */
  readonly disableCoordinates: boolean;
  /** 0 is off; otherwise the limit is the larger of this and twice the members, and `maxQueueDepth` is ignored. */
  readonly minQueueDepth: number;
  /** The largest user event that this node sends, in bytes: name and payload, and again encoded. At most 9,216. */
  readonly userEventSizeLimit: number;
  /** The largest query that this node sends, encoded, in bytes. */
  readonly querySizeLimit: number;
  /** The largest answer that goes by packet, encoded, in bytes; so are the copies that others relay. */
  readonly queryResponseSizeLimit: number;
  /** The largest answer that goes by stream, in bytes. At most 16 MiB. */
  readonly queryResponseStreamLimit: number;
  /** A query's default timeout in gossip intervals, for up to nine members; one more each time they are ten times as many. */
  readonly queryTimeoutMult: number;
  /** Whether a name that another node claims too is kept without asking the cluster. */
  readonly disableNameResolution: boolean;
}

export const serfDefaults = {
  tags: {},
  protocol: 5,
  broadcastTimeoutMs: 5_000,
  leavePropagateDelayMs: 1_000,
  reapIntervalMs: 15_000,
  reconnectIntervalMs: 30_000,
  healIntervalMs: 30_000,
  seeds: [],
  replaySeeds: false,
  reconnectTimeoutMs: 86_400_000,
  tombstoneTimeoutMs: 86_400_000,
  flapTimeoutMs: 60_000,
  recentIntentTimeoutMs: 300_000,
  queueCheckIntervalMs: 30_000,
  queueDepthWarning: 128,
  maxQueueDepth: 4_096,
  minQueueDepth: 0,
  disableCoordinates: false,
  userEventSizeLimit: 512,
  querySizeLimit: 1_024,
  queryResponseSizeLimit: 1_024,
  queryResponseStreamLimit: 1_048_576,
  queryTimeoutMult: 16,
  disableNameResolution: false,
} as const satisfies Omit<SerfOptions, 'swim'>;
