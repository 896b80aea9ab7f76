import type { SerfMember, Tags } from '@tserf/core';
import type { HostEvent } from '../rpc/host.js';
import { sortedNames } from './script-environment.js';

const lineFeed = 0x0a;

/**
 * What a script reads (spec/07 §15.5): a line for each member, or the payload with a line end behind it. Without a
 * payload there is nothing to read at all.
 */
export function scriptInput(event: HostEvent): Uint8Array {
  return 'members' in event
    ? new TextEncoder().encode(event.members.map(memberLine).join(''))
    : withLineEnd(event.payload ?? new Uint8Array());
}

/** Name, address, role and tags, between tabs. */
function memberLine({ name, endpoint, tags }: SerfMember): string {
  return `${clean(name)}\t${endpoint.host}\t${clean(tags['role'] ?? '')}\t${tagList(tags)}\n`;
}

function tagList(tags: Tags): string {
  return clean(
    sortedNames(tags)
      .map((tag) => `${tag}=${tags[tag]}`)
      .join(','),
  );
}

/** Only what would break a line or a field; nothing else is escaped, backslashes neither. */
function clean(text: string): string {
  return text.replaceAll('\t', '\\t').replaceAll('\n', '\\n');
}

function withLineEnd(payload: Uint8Array): Uint8Array {
  if (payload.length === 0 || payload.at(-1) === lineFeed) return payload;
  const line = new Uint8Array(payload.length + 1);
  line.set(payload);
  line[payload.length] = lineFeed;
  return line;
}
