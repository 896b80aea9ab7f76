import type { SwimInput } from '../swim/input.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { QueryHandle } from './event.js';
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
type PushPullAnswerInput = Extract<SwimInput, { type: 'pushPullAnswer' }> & {
  readonly ignoreOld?: boolean;
};

/** What members can be asked to do with their keys. */
export type KeyOperation = 'install' | 'use' | 'remove' | 'list';

/** What can happen to a node. Feed each with the monotonic time at which it happened. */
export type SerfInput =
  | TransportInput
  | { readonly type: 'timer'; readonly timer: SerfTimer }
  /** An application's join reached this many addresses (at least one): announce ourselves. */
  | { readonly type: 'joinCompleted'; readonly contacted: number }
  /** Where a `lookUp` led; `undefined` when that could not be found out. */
  | {
      readonly type: 'seedFound';
      readonly address: string;
      readonly endpoints: readonly Endpoint[] | undefined;
    }
  /** A `contact` was answered. */
  | { readonly type: 'seedReached'; readonly address: string }
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
      readonly payload: Uint8Array | undefined;
      readonly coalesce: boolean;
    }
  | { readonly type: 'query'; readonly request: RequestId; readonly query: QueryRequest }
  /** The one who asked waits for no more answers to the query of that request. */
  | { readonly type: 'endQuery'; readonly request: RequestId; readonly query: RequestId }
  /** The answer to a received query. */
  | {
      readonly type: 'respond';
      readonly request: RequestId;
      readonly query: QueryHandle;
      readonly payload: Uint8Array | undefined;
    }
  /** A change of the cluster's keys, or a look at them; `key` is absent for `list` alone. */
  | {
      readonly type: 'keys';
      readonly request: RequestId;
      readonly operation: KeyOperation;
      readonly key: Uint8Array | undefined;
      readonly relayFactor: number;
    }
  /** What became of the keys of one change: `error` says why they could not be written down. */
  | {
      readonly type: 'keyringKept';
      readonly change: KeyringChangeId;
      readonly error: string | undefined;
    };

/** Names one change of this node's keys; never used again while the node lives. */
export type KeyringChangeId = number;

/** A question to the cluster (spec/03 §14.1). */
export interface QueryRequest {
  readonly name: string;
  readonly payload: Uint8Array | undefined;
  /** Exact names; empty asks all. */
  readonly filterNodes: readonly string[];
  /** A Go pattern for each tag. */
  readonly filterTags: Tags;
  readonly requestAck: boolean;
  /** 0 to 255. */
  readonly relayFactor: number;
  /** 0 is Serf's default for the cluster's size; a negative one ends at once. */
  readonly timeoutMs: number;
  /** End once every alive member that is asked has acked, if acks are wanted, and answered. */
  readonly endEarly: boolean;
}
