import type { MemberRecord } from '@tserf/client';
import { formatHostPort } from './address.js';
import { formatColumns, trimSpace } from './columns.js';
import { formatJson, type JsonValue } from './json.js';
import { compareText, sortedEntries } from './order.js';
import { showValue } from './quote.js';

type Members = readonly MemberRecord[];

/** `k=v,k=v`, sorted. */
export function formatTags(tags: MemberRecord['tags']): string {
  return sortedEntries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** One line for each member, in columns, sorted by name; no header, and no newline at the end (spec/06 §4.7). */
export function formatMembersText(members: Members, detailed: boolean): string {
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

/** The same as a JSON document, with the data of `-detailed` always in it. */
export function formatMembersJson(members: Members): string {
  // A Go program's nil list: nobody matched.
  if (members.length === 0) return formatJson({ members: null });
  return formatJson({ members: sortedByName(members).map(toJson) });
}

function toJson({ name, address, port, tags, status, versions }: MemberRecord): JsonValue {
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

function sortedByName(members: Members): Members {
  return [...members].sort((a, b) => compareText(a.name, b.name));
}
