import type { MemberEventType, SerfMember } from '@tserf/core/pure';
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
  /** The members as each running node sees them at the end. */
  readonly views: ReadonlyMap<string, readonly SerfMember[]>;
  readonly network: Readonly<NetworkCounters>;
}
