import type { MemberEvent } from './member.js';

/** An event that some member sent; every member gets it once (spec/03 §13). */
export interface UserEvent {
  readonly type: 'user';
  readonly ltime: number;
  readonly name: string;
  /** An empty one and none are two things, as in Serf. */
  readonly payload: Uint8Array | undefined;
  /** Whether of several of this name the newest is enough. Lost when the event came by push/pull. */
  readonly coalesce: boolean;
}

/** Names one received query on this node; never used again while the node lives. */
export type QueryHandle = number;

/** A query that this node is asked to answer (spec/03 §14). */
export interface IncomingQuery {
  readonly type: 'query';
  readonly query: QueryHandle;
  readonly ltime: number;
  readonly id: number;
  readonly name: string;
  /** An empty one and none are two things, as in Serf. */
  readonly payload: Uint8Array | undefined;
  /** The name of the member that asks; empty when it is older than Serf 0.9.0. */
  readonly from: string;
  /** Until when an answer counts, in monotonic milliseconds. */
  readonly deadlineMs: number;
}

export type SerfEvent = MemberEvent | UserEvent | IncomingQuery;
