import type { PushPullNode } from '../wire/messages.js';
import type { Conflicting } from './output.js';

/**
 * What this layer asks of the one above, synchronously, while it handles an input (spec/02 §22). A hook may not feed
 * inputs.
 */
export interface SwimHooks {
  /** This node's metadata, at most 512 bytes; asked at start and at every `updateMeta`. */
  nodeMeta(): Uint8Array;
  /**
   * Messages to ride along in a packet, each without memberlist's type byte. The sum of their lengths plus
   * `overheadBytes` each may not exceed `limitBytes`.
   */
  broadcasts(overheadBytes: number, limitBytes: number): Uint8Array[];
  /** The upper layer's part of a push/pull. */
  localState(join: boolean): Uint8Array;
  /** What an ack to a ping carries; `undefined` for nothing. */
  ackPayload(): Uint8Array | undefined;
  /** A reason to refuse a join's whole merge, or `undefined` to take it. */
  mergeVerdict?(nodes: readonly PushPullNode[]): string | undefined;
  /** A reason to refuse one alive message, or `undefined` to take it. */
  aliveVerdict?(node: Conflicting): string | undefined;
}
