import type { MemberRecord } from '@tserf/client';
import { formatHostPort } from './address.js';
import { formatJson, type JsonValue } from './json.js';
import { sortedByName } from './order.js';

/** The members as a JSON document, sorted by name; what `-detailed` adds to text is always in it (spec/06 §4.7). */
export function formatMembersJson(members: readonly MemberRecord[]): string {
  // A Go program's nil list: nobody matched.
  if (members.length === 0) return formatJson({ members: null });
  return formatJson({ members: sortedByName(members).map(memberJson) });
}

/** One member as a JSON value. */
export function memberJson({
  name,
  address,
  port,
  tags,
  status,
  versions,
}: MemberRecord): JsonValue {
  return {
    name,
    addr: formatHostPort(address, port),
    port,
    tags: new Map(Object.entries(tags)),
    status,
    protocol: {
      max: versions.delegateMax,
      min: versions.delegateMin,
      version: versions.delegateCurrent,
    },
  };
}
