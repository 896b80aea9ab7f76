import type { MemberRecord } from '@tserf/client';
import { formatHostPort } from './address.js';
import { formatColumns, trimSpace } from './columns.js';
import { sortedByName, sortedEntries } from './order.js';
import { showValue } from './show.js';

/** `k=v,k=v`, sorted. */
export function formatTags(tags: MemberRecord['tags']): string {
  return sortedEntries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** One line for each member, in columns, sorted by name; no header, and no newline at the end (spec/06 §4.7). */
export function formatMembersText(members: readonly MemberRecord[], detailed: boolean): string {
  const lines = sortedByName(members).map((member) => {
    const fields = [
      member.name,
      formatHostPort(member.address, member.port),
      member.status,
      formatTags(member.tags),
    ];
    if (detailed) {
      const { delegateCurrent, delegateMin, delegateMax } = member.versions;
      fields.push(
        `Protocol Version: ${delegateCurrent}`,
        `Available Protocol Range: [${delegateMin}, ${delegateMax}]`,
      );
    }
    // Escaped before it is aligned: what is counted is what is seen.
    return fields.map(showValue).join('|');
  });
  return trimSpace(formatColumns(lines));
}
