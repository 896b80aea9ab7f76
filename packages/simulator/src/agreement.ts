import type { MemberStatus, SerfMember, Tags } from '@tserf/core/pure';
import type { Host } from './host.js';

/**
 * The first point in which the running nodes' views differ from each other or from the truth, or `undefined` when all
 * agree: every running node is alive everywhere at its own address, tags and incarnation; who is gone is failed or left,
 * the same for all who still list it; and what one delivered, all did.
 */
export function firstDisagreement(hosts: Iterable<Host>): string | undefined {
  const all = [...hosts];
  const running = all.filter((host) => host.isUp);
  const missing = missingEvent(running);
  if (missing !== undefined) return missing;
  const isRunning = new Set(running.map(({ name }) => name));
  const statusOfGone = new Map<string, { readonly status: MemberStatus; readonly by: string }>();
  for (const viewer of running) {
    for (const subject of running) {
      const problem = problemWith(viewer, subject);
      if (problem !== undefined) return `${viewer.name} about ${subject.name}: ${problem}`;
    }
    for (const member of viewer.node.members()) {
      if (isRunning.has(member.name)) continue;
      const problem = problemWithGone(viewer, member, statusOfGone);
      if (problem !== undefined)
        return `${viewer.name} about ${member.name}, which is gone: ${problem}`;
    }
  }
  return undefined;
}

/** What one running node has delivered, all must: by gossip, or by push/pull. */
function missingEvent(running: readonly Host[]): string | undefined {
  const all = new Set(running.flatMap((host) => [...host.conversation.delivered]));
  for (const host of running) {
    if (host.conversation.delivered.size === all.size) continue;
    for (const event of all) {
      if (!host.conversation.delivered.has(event))
        return `${host.name} has not heard of the event ${event}`;
    }
  }
  return undefined;
}

function problemWith(viewer: Host, subject: Host): string | undefined {
  const seen = viewer.node.member(subject.name);
  if (seen === undefined) return 'unknown';
  if (seen.status !== 'alive') return `${seen.status}, but it runs`;
  const { host, port } = subject.endpoint;
  if (seen.endpoint.host !== host || seen.endpoint.port !== port) {
    return `at ${seen.endpoint.host}:${seen.endpoint.port}, but it is at ${host}:${port}`;
  }
  if (!haveSameTags(seen.tags, subject.tags)) {
    return `tags ${JSON.stringify(seen.tags)}, but they are ${JSON.stringify(subject.tags)}`;
  }
  const held = viewer.node.membership.member(subject.name);
  const own = subject.node.membership.member(subject.name);
  if (held?.incarnation !== own?.incarnation) {
    return `incarnation ${held?.incarnation}, but it is at ${own?.incarnation}`;
  }
  return held?.state === 'alive' ? undefined : `${held?.state} in the membership layer`;
}

function problemWithGone(
  viewer: Host,
  { name, status }: SerfMember,
  known: Map<string, { readonly status: MemberStatus; readonly by: string }>,
): string | undefined {
  if (status !== 'failed' && status !== 'left') return status;
  const first = known.get(name);
  if (first === undefined) known.set(name, { status, by: viewer.name });
  else if (first.status !== status) return `${status}, but ${first.by} says ${first.status}`;
  return undefined;
}

function haveSameTags(one: Tags, other: Tags): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
