import type { NodeVersions } from './versions.js';

/** The message bodies of memberlist's gossip protocol as plain values (spec/01 §3). Encoders live beside them. */

/** Direct probe. `node` is the expected name of the receiver; empty means "whoever is there". */
export interface Ping {
  readonly type: 'ping';
  readonly sequence: number;
  readonly node: string;
  /** Where to send the ack: 4 or 16 bytes; absent (with port 0) means the packet's source. */
  readonly sourceAddress: Uint8Array | undefined;
  readonly sourcePort: number;
  readonly sourceNode: string;
}

/** Asks a helper to ping `node` for us. */
export interface IndirectPing {
  readonly type: 'indirectPing';
  readonly sequence: number;
  readonly target: Uint8Array;
  readonly port: number;
  readonly node: string;
  /** The requester wants to hear when the target did not answer. */
  readonly nack: boolean;
  readonly sourceAddress: Uint8Array | undefined;
  readonly sourcePort: number;
  readonly sourceNode: string;
}

export interface Ack {
  readonly type: 'ack';
  readonly sequence: number;
  /** Serf's coordinate, or nothing. */
  readonly payload: Uint8Array | undefined;
}

export interface Nack {
  readonly type: 'nack';
  readonly sequence: number;
}

/** `from` accuses `node`. */
export interface Suspect {
  readonly type: 'suspect';
  readonly incarnation: number;
  readonly node: string;
  readonly from: string;
}

/** `node` is gone. `node === from` means that it left on purpose. */
export interface Dead {
  readonly type: 'dead';
  readonly incarnation: number;
  readonly node: string;
  readonly from: string;
}

export interface Alive {
  readonly type: 'alive';
  readonly incarnation: number;
  readonly node: string;
  /** 4 bytes, or 16 (IPv6 or IPv4-mapped). Kept exactly as received: peers compare bytes. */
  readonly address: Uint8Array;
  readonly port: number;
  readonly meta: Uint8Array;
  readonly versions: NodeVersions;
}

/** A message of the layer above; `body` comes without memberlist's type byte 8. */
export interface UserMessage {
  readonly type: 'user';
  readonly body: Uint8Array;
}

/** What one part of a packet can be. */
export type GossipMessage = Ping | IndirectPing | Ack | Nack | Suspect | Dead | Alive | UserMessage;

/** What a push/pull says of one member. `state` other than the four is decoded as `unknown` and ignored in a merge. */
export interface PushPullNode {
  readonly name: string;
  readonly address: Uint8Array;
  readonly port: number;
  readonly meta: Uint8Array;
  readonly incarnation: number;
  readonly state: 'alive' | 'suspect' | 'dead' | 'left' | 'unknown';
  readonly versions: NodeVersions;
}

/** One side's full state, exchanged over a stream (spec/01 §10.4). */
export interface PushPullState {
  readonly join: boolean;
  readonly nodes: readonly PushPullNode[];
  /** The upper layer's state; empty means none. */
  readonly userState: Uint8Array;
}
