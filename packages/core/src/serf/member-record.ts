import type { Member } from '../swim/member.js';
import { decodeTags } from '../wire/tags.js';
import type { MemberStatus, SerfMember, Tags } from './member.js';

/** A member and what this layer notes about it (spec/03 §7.1). */
export interface MemberRecord {
  /** As it was last handed out; replaced, never changed. */
  member: SerfMember;
  /** Lamport time of the last intent that was taken for it; 0 means none yet. */
  statusLTime: number;
  /** When it was seen to go, in monotonic milliseconds; set exactly while it is failed or left. */
  leaveTimeMs: number | undefined;
  /** When its last leave intent came, in monotonic milliseconds; set exactly while it is leaving. */
  leavingSinceMs: number | undefined;
  /** Names the running wait of a prune; a timer with another number is late. */
  pruneArming: number | undefined;
}

/** The upper layer's view of a participant. */
export function describeMember(from: Member, status: MemberStatus): SerfMember {
  return {
    name: from.name,
    address: from.address,
    port: from.port,
    endpoint: from.endpoint,
    tags: decodeTags(from.meta),
    status,
    versions: from.versions,
  };
}

/** Whether two views of one member look the same to an application, byte for byte. */
export function isSameMember(one: SerfMember, other: SerfMember): boolean {
  return (
    one.status === other.status &&
    one.port === other.port &&
    isSameBytes(one.address, other.address) &&
    isSameTags(one.tags, other.tags) &&
    versionFields.every((field) => one.versions[field] === other.versions[field])
  );
}

function isSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

const versionFields = [
  'protocolMin',
  'protocolMax',
  'protocolCurrent',
  'delegateMin',
  'delegateMax',
  'delegateCurrent',
] as const;

function isSameTags(one: Tags, other: Tags): boolean {
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && one[key] === other[key])
  );
}
