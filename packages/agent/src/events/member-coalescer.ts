import { isDeepStrictEqual } from 'node:util';
import type { MemberEvent, MemberEventType, SerfMember } from '@tserf/core';
import { type CoalescePeriods, GatheringTime } from './coalesce-periods.js';

/**
 * Gathers member events into few: one for each kind, with all members whose latest change was of that kind (spec/03
 * §18.2). What ends as it began is not told: a member that failed and came back within the window did nothing.
 *
 * Unlike Serf's, an update is delivered once, not again at every later flush, and a join that an update follows stays
 * a join, with the newest tags. A member that went and came back with other tags, or at another address, is told as an
 * update; Serf tells nothing. Holds one entry for each member; a reaped member's is dropped.
 */
export class MemberCoalescer {
  readonly #time: GatheringTime;
  readonly #latest = new Map<string, Change>();
  readonly #lastTold = new Map<string, Change>();

  constructor(periods: CoalescePeriods) {
    this.#time = new GatheringTime(periods);
  }

  add(event: MemberEvent, nowMs: number): void {
    this.#time.added(nowMs);
    for (const member of event.members) {
      const before = this.#latest.get(member.name);
      const isJoin = before?.type === 'member-join' && event.type === 'member-update';
      this.#latest.set(member.name, { type: isJoin ? 'member-join' : event.type, member });
    }
  }

  /** When `flush` must be called, or undefined while nothing is held. */
  get dueMs(): number | undefined {
    return this.#time.dueMs;
  }

  /** Hands out what is held, kinds and members in the order of their first change. */
  flush(): MemberEvent[] {
    const byType = new Map<MemberEventType, SerfMember[]>();
    for (const [name, { type: latest, member }] of this.#latest) {
      const told = this.#lastTold.get(name);
      const isSame = latest === told?.type && latest !== 'member-update';
      if (isSame && (latest !== 'member-join' || !hasChanged(told.member, member))) continue;
      const type = isSame ? 'member-update' : latest;
      if (type === 'member-reap') this.#lastTold.delete(name);
      else this.#lastTold.set(name, { type, member });
      const members = byType.get(type);
      if (members === undefined) byType.set(type, [member]);
      else members.push(member);
    }
    this.#latest.clear();
    this.#time.flushed();
    return [...byType].map(([type, members]) => ({ type, members }));
  }
}

interface Change {
  readonly type: MemberEventType;
  readonly member: SerfMember;
}

/** Whether somebody who keeps a list of members would have to correct it. */
function hasChanged(before: SerfMember, after: SerfMember): boolean {
  return (
    !isDeepStrictEqual({ ...before.tags }, { ...after.tags }) ||
    !isDeepStrictEqual(before.endpoint, after.endpoint)
  );
}
