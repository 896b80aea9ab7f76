import type {
  KeyOperation,
  MemberEventType,
  ProfileName,
  QueryRequest,
  SerfOptions,
  SwimOptions,
  SwimProfile,
  Tags,
} from '@tserf/core/pure';
import type { NetworkModel } from './network.js';

/** A story to play: a cluster, its network, and what befalls it. All times are virtual milliseconds from the start. */
export interface Scenario {
  readonly name: string;
  /** How many nodes start, called `n1`, `n2`, … */
  readonly nodes: number;
  /** The timing preset of every node. Default `lan`. */
  readonly profile?: ProfileName;
  /** Single values over the profile. */
  readonly swim?: Partial<
    SwimProfile & Pick<SwimOptions, 'deadNodeReclaimMs' | 'disableStreamProbes'>
  >;
  readonly serf?: Partial<Omit<SerfOptions, 'swim' | 'tags' | 'seeds'>>;
  readonly tags?: Tags;
  /** Packets are encrypted; every node starts with key 1 of `keyOf`. Default false: it costs time. */
  readonly encryption?: boolean;
  /** The network as it is without faults; over `calmNetwork`. */
  readonly network?: Partial<NetworkModel>;
  /** How many nodes, the first ones, everybody joins through. Default 3. */
  readonly seeds?: number;
  /** Whether nodes go back to the seeds whenever they find themselves without them. Default true. */
  readonly returnToSeeds?: boolean;
  /**
   * Nodes keep snapshots: one that starts again goes on with its clocks and goes back to those who were members when it
   * ended, instead of joining the seeds. Default false: it remembers nothing.
   */
  readonly snapshots?: boolean;
  /** The nodes start at random moments within this time. Default 2,000. */
  readonly startOverMs?: number;
  /** A join that reached nobody is tried again after this. Default 2,000. */
  readonly retryJoinMs?: number;
  /** How nodes write their IPv4 addresses: 4 bytes, 16, or some this way and some that. Default `mixed`. */
  readonly addressBytes?: 4 | 16 | 'mixed';
  /** Packets are compressed where that makes them smaller. Default false: it costs time and changes no decision. */
  readonly compression?: boolean;
  /** Which member events the result keeps. Default all; a large cluster has millions. */
  readonly record?: readonly MemberEventType[];
  readonly steps?: readonly Step[];
  /** How long faults go on. Then all of them end: cuts are healed, paused nodes run, the network is as at first. */
  readonly runMs: number;
  /**
   * How long the cluster has to agree after the faults have ended; the run ends as soon as it does. 0 asks for no
   * agreement. Default 180,000.
   */
  readonly settleMs?: number;
  /** How long the agreement must then hold, undisturbed. Default 5,000. */
  readonly holdMs?: number;
}

/** One thing that befalls the cluster. `forMs` says when it ends; without it, it lasts until the faults end. */
export type Step = { readonly atMs: number } & Fault;

export type Fault =
  /** A node that is not among the first `nodes`, or one that is down, starts. An address is kept unless it is to be `new`. */
  | {
      readonly do: 'start';
      readonly node: string;
      readonly address?: 'same' | 'new';
      readonly tags?: Tags;
    }
  /**
   * The process is gone at once, without a word. `silent`: the machine too, so that nobody refuses a connection;
   * it times out.
   */
  | { readonly do: 'crash'; readonly node: string; readonly silent?: boolean }
  /** Crash and start at once, with nothing remembered. */
  | { readonly do: 'restart'; readonly node: string; readonly address?: 'same' | 'new' }
  /** Serf's graceful leave; the process ends when it is done. */
  | { readonly do: 'leave'; readonly node: string }
  | {
      readonly do: 'forceLeave';
      readonly node: string;
      readonly target: string;
      readonly prune?: boolean;
    }
  | { readonly do: 'setTags'; readonly node: string; readonly tags: Tags }
  /** Sends a user event. Events of one name and payload and Lamport time are one event: give each its own name. */
  | { readonly do: 'event'; readonly node: string; readonly name: string }
  /** Asks a query, which every node that gets it answers at once with its own name. */
  | ({ readonly do: 'query'; readonly node: string; readonly name: string } & Partial<
      Pick<QueryRequest, 'timeoutMs' | 'relayFactor' | 'filterNodes' | 'filterTags' | 'endEarly'>
    >)
  /** Has all nodes change their keys, which are numbered. */
  | {
      readonly do: 'keys';
      readonly node: string;
      readonly operation: KeyOperation;
      readonly key?: number;
    }
  /**
   * The process stands still (SIGSTOP, a busy event loop): packets wait in the socket's buffer, connections are taken by
   * the kernel, timers fall due. Afterwards it works off packets first, as the shell does, or timers first.
   */
  | {
      readonly do: 'pause';
      readonly node: string;
      readonly forMs?: number;
      readonly first?: 'packets' | 'timers';
    }
  /** Again and again: paused for `stallMs`, then running for `runMs`. */
  | {
      readonly do: 'stutter';
      readonly node: string;
      readonly stallMs: number;
      readonly runMs: number;
      readonly forMs?: number;
    }
  /** Packets are handed over late by so much, while timers come on time. */
  | {
      readonly do: 'latePackets';
      readonly node: string;
      readonly byMs: number;
      readonly forMs?: number;
    }
  /** Nothing gets from one side to the other; the other direction works. */
  | {
      readonly do: 'cut';
      readonly from: Nodes;
      readonly to: Nodes;
      readonly forMs?: number;
      readonly sendErrors?: boolean;
    }
  /** Only members of one group hear each other; nodes in no group are one group of their own. */
  | {
      readonly do: 'partition';
      readonly groups: readonly (readonly string[])[];
      readonly forMs?: number;
    }
  /** The network is worse (or better) for a while. */
  | { readonly do: 'network'; readonly network: Partial<NetworkModel>; readonly forMs?: number };

export type Nodes = readonly string[] | 'all';

/** The key of a number. */
export function keyOf(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

/** The names that a scenario of `count` nodes starts with. */
export function nodeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n${index + 1}`);
}
