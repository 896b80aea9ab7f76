import type { SwimInput } from '../swim/input.js';
import type { Tags } from './member.js';
import type { SerfTimer } from './timer.js';

/** Names one request of the application; echoed in `done`. */
export type RequestId = number;

/** Inputs of the layer below that a caller of the whole node may feed; `leave`, `updateMeta`, … have their own form here. */
export type TransportInput =
  | PushPullAnswerInput
  | Extract<
      SwimInput,
      {
        type:
          | 'start'
          | 'message'
          | 'sendFailed'
          | 'streamProbeResult'
          | 'pushPullReady'
          | 'pushPullRequest'
          | 'packetOverhead';
      }
    >;

/**
 * The answer on a dialled push/pull stream. `ignoreOld`: an application's join that asked for no replay; events from
 * before it are not delivered (spec/03 §16.2).
 */
export type PushPullAnswerInput = Extract<SwimInput, { type: 'pushPullAnswer' }> & {
  readonly ignoreOld?: boolean;
};

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
  | { readonly type: 'setTags'; readonly request: RequestId; readonly tags: Tags }
  | {
      readonly type: 'userEvent';
      readonly request: RequestId;
      readonly name: string;
      readonly payload: Uint8Array;
      readonly coalesce: boolean;
    };
