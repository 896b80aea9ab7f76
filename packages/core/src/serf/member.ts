import type { Endpoint } from '../wire/endpoint.js';
import type { Tags } from '../wire/tags.js';
import type { NodeVersions } from '../wire/versions.js';

/** Serf's view of a member's life (spec/03 §7.1). */
export type MemberStatus = 'none' | 'alive' | 'leaving' | 'left' | 'failed';

export type { Tags } from '../wire/tags.js';

/** A member as applications see it. A snapshot: it does not change after it was handed out. */
export interface SerfMember {
  readonly name: string;
  readonly address: Uint8Array;
  readonly port: number;
  readonly endpoint: Endpoint;
  readonly tags: Tags;
  readonly status: MemberStatus;
  readonly versions: NodeVersions;
}

export type MemberEventType =
  | 'member-join'
  | 'member-leave'
  | 'member-failed'
  | 'member-update'
  | 'member-reap';

export interface MemberEvent {
  readonly type: MemberEventType;
  readonly members: readonly SerfMember[];
}
