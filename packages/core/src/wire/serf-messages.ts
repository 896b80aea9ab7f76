import type { Tags } from './tags.js';

/** The messages of Serf's own layer (spec/03 §4), as plain values. Lamport times are whole numbers below 2^53. */

/** `node` (which may be the sender, or anyone it speaks for) is leaving. */
export interface LeaveIntent {
  readonly type: 'leave';
  readonly ltime: number;
  readonly node: string;
  /** Erase the member instead of keeping a tombstone. */
  readonly prune: boolean;
}

export interface JoinIntent {
  readonly type: 'join';
  readonly ltime: number;
  readonly node: string;
}

export interface EventGroup {
  readonly ltime: number;
  readonly events: readonly { readonly name: string; readonly payload: Uint8Array | undefined }[];
}

/** The user state of a push/pull. A time that is none below 2^53 reads as Infinity, which no clock believes. */
export interface SerfState {
  readonly type: 'state';
  readonly ltime: number;
  /** Every known member's name with the Lamport time of its last accepted intent. */
  readonly statusLTimes: ReadonlyMap<string, number>;
  readonly leftMembers: readonly string[];
  readonly eventLTime: number;
  /** Recent user events; `undefined` for empty slots. */
  readonly events: readonly (EventGroup | undefined)[];
  readonly queryLTime: number;
}

export interface UserEventMessage {
  readonly type: 'userEvent';
  readonly ltime: number;
  readonly name: string;
  readonly payload: Uint8Array | undefined;
  readonly coalesce: boolean;
}

export interface QueryMessage {
  readonly type: 'query';
  readonly ltime: number;
  readonly id: number;
  readonly address: Uint8Array;
  readonly port: number;
  readonly sourceNode: string;
  /** Encoded filters, one byte string each. */
  readonly filters: readonly Uint8Array[] | undefined;
  /** Bit 0: send an ack. Bit 1: do not rebroadcast. */
  readonly flags: number;
  readonly relayFactor: number;
  /** Nanoseconds. */
  readonly timeout: number;
  readonly name: string;
  readonly payload: Uint8Array | undefined;
}

export interface QueryResponse {
  readonly type: 'queryResponse';
  readonly ltime: number;
  readonly id: number;
  readonly from: string;
  /** Bit 0: this is an ack without payload. */
  readonly flags: number;
  readonly payload: Uint8Array | undefined;
}

/** What a responder knows of a contested name; `member` is absent when it knows nothing. */
export interface ConflictResponse {
  readonly type: 'conflictResponse';
  readonly member: ConflictMember | undefined;
}

export interface ConflictMember {
  readonly name: string;
  readonly address: Uint8Array;
  readonly port: number;
  readonly tags: Tags;
  /** 0 none, 1 alive, 2 leaving, 3 left, 4 failed. */
  readonly status: number;
  readonly protocolMin: number;
  readonly protocolMax: number;
  readonly protocolCurrent: number;
  readonly delegateMin: number;
  readonly delegateMax: number;
  readonly delegateCurrent: number;
}

export interface KeyRequest {
  readonly type: 'keyRequest';
  /** Raw key bytes; empty for a listing. */
  readonly key: Uint8Array;
}

export interface KeyResponse {
  readonly type: 'keyResponse';
  readonly result: boolean;
  readonly message: string;
  /** Standard base64, primary first. */
  readonly keys: readonly string[] | undefined;
  readonly primaryKey: string;
}

/** `inner` (type byte included) is to be forwarded to the destination verbatim. */
export interface Relay {
  readonly type: 'relay';
  readonly address: Uint8Array;
  readonly port: number;
  readonly zone: string;
  readonly node: string;
  readonly inner: Uint8Array;
}

export type SerfMessage =
  | LeaveIntent
  | JoinIntent
  | SerfState
  | UserEventMessage
  | QueryMessage
  | QueryResponse
  | ConflictResponse
  | KeyRequest
  | KeyResponse
  | Relay;
