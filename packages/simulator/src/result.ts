import type { KeyReport, MemberEventType, SerfMember } from '@tserf/core/pure';
import type { NetworkCounters } from './network.js';
import type { Scenario } from './scenario.js';
import type { Violation } from './violation.js';

/** What one node told its application of one member. */
export interface Observation {
  readonly atMs: number;
  readonly node: string;
  readonly type: MemberEventType;
  readonly member: string;
}

/** A user event that one node delivered to its application. */
export interface Delivery {
  readonly atMs: number;
  readonly node: string;
  readonly name: string;
}

/** What became of one query. */
export interface QueryOutcome {
  readonly node: string;
  readonly name: string;
  readonly startedMs: number;
  /** When nothing more could come of it, by its own word. */
  readonly deadlineMs: number;
  /** Those who acked and answered, in their order. */
  readonly acks: readonly string[];
  readonly responses: readonly string[];
  /** When it ended; absent when its node went first. */
  readonly endedMs: number | undefined;
  readonly early: boolean;
}

/** What the members answered to a change of keys. */
export interface KeyOutcome {
  readonly node: string;
  readonly report: KeyReport;
}

/** What came of a run. */
export interface Result {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Fingerprint of the whole history: equal for equal scenario and seed. */
  readonly hash: string;
  /** Virtual time at the end. */
  readonly endMs: number;
  /** Inputs that nodes handled. */
  readonly steps: number;
  /** How long after the end of the faults all views agreed; absent when they didn't or weren't asked to. */
  readonly agreedAfterMs: number | undefined;
  /** Broken rules; the run stops at the first step that breaks one. */
  readonly violations: readonly Violation[];
  readonly events: readonly Observation[];
  readonly deliveries: readonly Delivery[];
  readonly queries: readonly QueryOutcome[];
  readonly keys: readonly KeyOutcome[];
  /** The members as each running node sees them at the end. */
  readonly views: ReadonlyMap<string, readonly SerfMember[]>;
  readonly network: Readonly<NetworkCounters>;
}
