import type { Coordinate } from '../coordinates/coordinate.js';
import type { IncomingQuery, UserEvent } from '../serf/event.js';
import type { SerfInput } from '../serf/input.js';
import type { MemberEvent, SerfMember, Tags } from '../serf/member.js';
import type { SerfOptions } from '../serf/options.js';
import type { KeyReport, SerfNotice } from '../serf/output.js';
import type { ProfileName, SwimProfile } from '../swim/options.js';

import type { Metric } from './metrics/metrics.js';

/**
 * The plain data that crosses the thread boundary: commands in, notices out, in batches (arrays). Everything here
 * survives a structured clone.
 */

/** What an engine needs to start. Everything is resolved: addresses parsed, keys decoded, defaults set. */
export interface EngineOptions {
  readonly node: string;
  /** Host may be an IP literal or empty ("every address"); port 0 lets the system choose. */
  readonly bind: { readonly host: string; readonly port: number };
  readonly advertise: { readonly host: string; readonly port: number } | undefined;
  readonly tags: Tags;
  readonly protocol: number;
  readonly profile: ProfileName;
  /** Single values over the profile, for tests and experts. */
  readonly swim: Partial<SwimProfile>;
  readonly serf: Partial<Omit<SerfOptions, 'swim' | 'tags' | 'protocol' | 'seeds'>>;
  /** Raw keys, primary first; empty means no encryption. */
  readonly keys: readonly Uint8Array[];
  readonly keyringFile: string | undefined;
  readonly compression: boolean;
  /** Members of another label are refused; empty is Serf's own world. */
  readonly label: string;
  readonly allowedNetworks: readonly string[];
  /** What this node goes back to for ever (`SerfOptions.seeds`). */
  readonly seeds: readonly string[];
  readonly snapshotFile: string | undefined;
  readonly rejoinAfterLeave: boolean;
}

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERR';

export type EngineCommand =
  | { readonly type: 'start'; readonly options: EngineOptions }
  | {
      readonly type: 'join';
      readonly request: number;
      readonly addresses: readonly string[];
      readonly replay: boolean;
    }
  | { readonly type: 'leave'; readonly request: number }
  | {
      readonly type: 'forceLeave';
      readonly request: number;
      readonly node: string;
      readonly prune: boolean;
    }
  | { readonly type: 'setTags'; readonly request: number; readonly tags: Tags }
  /** What the core takes as it is. */
  | Extract<SerfInput, { type: 'userEvent' | 'query' | 'endQuery' | 'respond' | 'keys' }>
  | { readonly type: 'stats'; readonly request: number }
  /** What was measured since the last time. */
  | { readonly type: 'metrics'; readonly request: number }
  /** Where a node is, as this node knows it. */
  | { readonly type: 'coordinate'; readonly request: number; readonly node: string }
  | { readonly type: 'shutdown'; readonly request: number }
  /** A batch of notices was handled: the engine may send another one. */
  | { readonly type: 'received' };

/** The request number that every shutdown carries; requests of other commands count from 1. */
export const shutdownRequest = 0;

/** How one command ended. A failed join carries the errors of all addresses. */
export type EngineResult =
  | { readonly type: 'ok' }
  | { readonly type: 'joined'; readonly contacted: number; readonly errors: readonly string[] }
  | { readonly type: 'stats'; readonly stats: Readonly<Record<string, string>> }
  | { readonly type: 'metrics'; readonly metrics: readonly Metric[] }
  | { readonly type: 'coordinate'; readonly coordinate: Coordinate | undefined }
  | { readonly type: 'keys'; readonly report: KeyReport }
  | { readonly type: 'error'; readonly message: string };

/** A query of others: its deadline is in milliseconds of the wall clock, which both threads share. */
export type QueryNotice = Omit<IncomingQuery, 'deadlineMs'> & { readonly deadline: number };

export type EngineNotice =
  /** The sockets are bound and the node is a member of itself. */
  | {
      readonly type: 'started';
      readonly local: SerfMember;
      readonly bind: { readonly host: string; readonly port: number };
    }
  | { readonly type: 'startFailed'; readonly code: string; readonly message: string }
  /** The engine found itself in a state that cannot be, and stopped. Nothing follows. */
  | { readonly type: 'died'; readonly message: string; readonly stack: string | undefined }
  | { readonly type: 'event'; readonly event: MemberEvent | UserEvent | QueryNotice }
  /** A query of this node's is on its way; `deadline` in milliseconds of the wall clock. */
  | { readonly type: 'queryStarted'; readonly request: number; readonly deadline: number }
  | Extract<SerfNotice, { type: 'queryAck' | 'queryResponse' | 'queryDone' }>
  /** The cluster gave this node's name to another: the node must go. */
  | { readonly type: 'conflictLost' }
  | { readonly type: 'memberChanged'; readonly member: SerfMember }
  | { readonly type: 'memberForgotten'; readonly name: string }
  /** One line in Serf's words, without time and level. */
  | { readonly type: 'log'; readonly level: LogLevel; readonly text: string }
  | { readonly type: 'done'; readonly request: number; readonly result: EngineResult };
