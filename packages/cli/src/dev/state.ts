import type { EventRecord, MemberRecord } from '@tserf/client';
import { formatHostPort } from '../format/address.js';
import { formatTags } from '../format/members-text.js';
import { compareText, sortedByName } from '../format/order.js';
import { showValue } from '../format/show.js';

/** One of the agents that run in this process. */
export interface DevNode {
  readonly name: string;
  readonly gossip: string;
  readonly rpc: string;
  readonly isRunning: boolean;
}

/** One row of the table: a member as the cluster sees it; ours have their RPC address too. */
export interface DevRow {
  readonly name: string;
  readonly status: string;
  readonly gossip: string;
  readonly rpc: string;
  readonly tags: string;
}

export interface DevLine {
  /** Wall-clock time, `HH:MM:SS`. */
  readonly time: string;
  readonly what: string;
  readonly details: string;
}

/** Everything that is shown. */
export interface DevState {
  readonly nodes: readonly DevNode[];
  readonly members: readonly MemberRecord[];
  /** Newest last. */
  readonly lines: readonly DevLine[];
  readonly upSeconds: number;
}

/** Enough for the tallest terminal. */
export const LINES_KEPT = 200;

/** The table's rows: all members, and the agents that no member stands for, sorted by name. */
export function rowsOf({ nodes, members }: Pick<DevState, 'nodes' | 'members'>): DevRow[] {
  const rows = members.map((member): DevRow => {
    const gossip = formatHostPort(member.address, member.port);
    const own = nodes.find((node) => node.name === member.name && node.gossip === gossip);
    return {
      name: showValue(member.name),
      status: showValue(member.status),
      gossip,
      rpc: own === undefined ? '-' : own.rpc,
      tags: showValue(formatTags(member.tags)),
    };
  });
  for (const { name, gossip, rpc } of nodes) {
    if (rows.some((row) => row.gossip === gossip)) continue;
    rows.push({ name, status: 'stopped', gossip, rpc, tags: '' });
  }
  return sortedByName(rows);
}

/** What an event was about, in one line. */
export function describeEvent(event: EventRecord): { what: string; details: string } {
  switch (event.type) {
    case 'user':
    case 'query':
      return {
        what: event.type,
        details: showValue(`${event.name} ${describePayload(event.payload)}`.trimEnd()),
      };
    default:
      return {
        what: event.type,
        details: event.members
          .map(({ name }) => showValue(name))
          .sort(compareText)
          .join(', '),
      };
  }
}

/** A payload may be anything; the start of it as text is what somebody recognises. */
function describePayload(payload: Uint8Array | undefined): string {
  if (payload === undefined) return '';
  const shown = 60;
  const start = new TextDecoder().decode(payload.subarray(0, shown));
  return payload.length > shown ? `${start}… (${payload.length} bytes)` : start;
}
