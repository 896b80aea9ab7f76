import type { Endpoint } from '../wire/endpoint.js';
import type { NodeVersions } from '../wire/versions.js';

export type MemberState = 'alive' | 'suspect' | 'dead' | 'left';

/** A participant as this node knows it (spec/02 §1). A snapshot: it does not change after it was handed out. */
export interface Member {
  readonly name: string;
  /** Exactly the bytes received: 4, or 16 (IPv6 or IPv4-mapped). Re-sent unchanged, compared normalised. */
  readonly address: Uint8Array;
  readonly port: number;
  /** `address` and `port`, ready for the sockets. */
  readonly endpoint: Endpoint;
  /** Opaque to this layer; at most 512 bytes. */
  readonly meta: Uint8Array;
  /** The member's own version number; it alone raises it. */
  readonly incarnation: number;
  readonly state: MemberState;
  /** When `state` last changed, in monotonic milliseconds; -Infinity for "long ago". */
  readonly stateChangeMs: number;
  readonly versions: NodeVersions;
}
