import type { MemberEvent, MemberEventType, SerfMember } from '@tserf/core';

/** How long member events are gathered: until this long nothing came, but never longer than the period. */
export interface CoalescePeriods {
  readonly quietMs: number;
  readonly periodMs: number;
}

/** The agent's values (spec/03 §18.1): a restarting rack is a handful of events, not hundreds. */
export const agentPeriods: CoalescePeriods = { quietMs: 1_000, periodMs: 3_000 };

/**
 * Gathers member events into few: one for each kind, with all members whose latest change was of that kind (spec/03
 * §18.2). What ends as it began is not told: a member that failed and came back within the window did nothing.
 *
 * Unlike Serf's, an update is delivered once, not again at every later flush, and a join that an update follows stays
 * a join, with the newest tags. Holds one entry for each member; a reaped member's is dropped.
 */
export class MemberCoalescer {
  readonly #periods: CoalescePeriods;
  readonly #latest = new Map<string, Change>();
  readonly #lastTold = new Map<string, MemberEventType>();
  #openedMs = 0;
  #lastMs = 0;

  constructor(periods: CoalescePeriods) {
    this.#periods = periods;
  }

  add(event: MemberEvent, nowMs: number): void {
    if (this.#latest.size === 0) this.#openedMs = nowMs;
    this.#lastMs = nowMs;
    for (const member of event.members) {
      const before = this.#latest.get(member.name);
      const isJoin = before?.type === 'member-join' && event.type === 'member-update';
      this.#latest.set(member.name, { type: isJoin ? 'member-join' : event.type, member });
    }
  }

  /** When `flush` must be called, or undefined while nothing is held. */
  get dueMs(): number | undefined {
    if (this.#latest.size === 0) return undefined;
    return Math.min(this.#openedMs + this.#periods.periodMs, this.#lastMs + this.#periods.quietMs);
  }

  /** Hands out what is held, kinds and members in the order of their first change. */
  flush(): MemberEvent[] {
    const byType = new Map<MemberEventType, SerfMember[]>();
    for (const [name, { type, member }] of this.#latest) {
      if (type === this.#lastTold.get(name) && type !== 'member-update') continue;
      if (type === 'member-reap') this.#lastTold.delete(name);
      else this.#lastTold.set(name, type);
      const members = byType.get(type);
      if (members === undefined) byType.set(type, [member]);
      else members.push(member);
    }
    this.#latest.clear();
    return [...byType].map(([type, members]) => ({ type, members }));
  }
}

interface Change {
  readonly type: MemberEventType;
  readonly member: SerfMember;
}
