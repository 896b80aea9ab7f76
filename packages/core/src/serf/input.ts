import type { SwimInput } from '../swim/input.js';
import type { Tags } from './member.js';
import type { SerfTimer } from './timer.js';

/** Names one request of the application; echoed in `done`. */
export type RequestId = number;

/** Inputs of the layer below that a caller of the whole node may feed; `leave`, `updateMeta`, … have their own form here. */
export type TransportInput = Extract<
  SwimInput,
  {
    type:
      | 'start'
      | 'message'
      | 'sendFailed'
      | 'streamProbeResult'
      | 'pushPullReady'
      | 'pushPullAnswer'
      | 'pushPullRequest'
      | 'packetOverhead';
  }
>;

/** What can happen to a node. Feed each with the monotonic time at which it happened. */
export type SerfInput =
  | TransportInput
  | { readonly type: 'timer'; readonly timer: SerfTimer }
  /** An application's join reached this many addresses (at least one): announce ourselves. */
  | { readonly type: 'joinCompleted'; readonly contacted: number }
  | { readonly type: 'leave'; readonly request: RequestId }
  | {
      readonly type: 'forceLeave';
      readonly request: RequestId;
      readonly node: string;
      readonly prune: boolean;
    }
  | { readonly type: 'setTags'; readonly request: RequestId; readonly tags: Tags };
