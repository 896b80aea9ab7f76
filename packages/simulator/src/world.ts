import type {
  Endpoint,
  Keyring,
  PacketSeal,
  SerfEffect,
  SerfNotice,
  SerfOptions,
  SerfReport,
  Tags,
} from '@tserf/core/pure';
import type { Host } from './host.js';
import type { Network } from './network.js';
import type { RandomSource } from './random-source.js';
import type { StepChecks } from './step-checks.js';
import type { Streams } from './streams.js';
import type { TraceHash } from './trace-hash.js';
import type { VirtualTime } from './virtual-time.js';

export type Packet = Extract<SerfEffect, { type: 'packet' }>;

/** Where a machine can be reached, and how it writes that. */
export interface Address {
  readonly endpoint: Endpoint;
  /** 4 bytes, or 16 with IPv4 mapped into IPv6. */
  readonly bytes: Uint8Array;
}

/** What a host finds around it. */
export interface World {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly streams: Streams;
  readonly random: RandomSource;
  readonly hash: TraceHash;
  readonly checks: StepChecks;
  /** But for the keyring, which each machine has for itself. */
  readonly seal: PacketSeal;
  readonly retryJoinMs: number;
  /** Whether processes leave snapshots behind. */
  readonly keepsSnapshots: boolean;
  optionsFor(name: string, address: Address, tags: Tags): SerfOptions;
  /** The keys that a new machine is set up with; `undefined` without encryption. */
  keyring(): Keyring | undefined;
  /** Where the other seeds are now, as a name server would say. */
  seedsFor(host: Host): Endpoint[];
  /** Where a node is now, as a name server would say. */
  lookUp(name: string): Endpoint;
  send(from: Host, packet: Packet): void;
  started(host: Host): void;
  stopped(host: Host): void;
  /** Hears what a node tells its application and its log. */
  observe(host: Host, told: SerfNotice | SerfReport): void;
}
