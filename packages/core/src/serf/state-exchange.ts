import type { EventGroup, SerfState } from '../wire/serf-messages.js';
import type { Intents } from './intents.js';
import type { LamportClock } from './lamport-clock.js';
import type { Members } from './members.js';
import type { Queries } from './queries.js';
import type { UserEvents } from './user-events.js';

/** How another node's state came. */
export interface StateOrigin {
  /** This node asked for it, and did not just get it. */
  readonly isAnswer: boolean;
  /** This node joins just now, and wants no event from before. */
  readonly ignoreOld: boolean;
}

export interface StateExchangeParts {
  readonly members: Members;
  readonly intents: Intents;
  readonly events: UserEvents;
  readonly queries: Queries;
  /** Counts and reports a message that cannot be believed. */
  readonly refuse: (detail: string) => void;
}

/** The Serf layer's part of a push/pull (spec/03 §16). */
export class StateExchange {
  readonly #parts: StateExchangeParts;

  constructor(parts: StateExchangeParts) {
    this.#parts = parts;
  }

  /** What this node knows. */
  localState(): SerfState {
    const { members, intents, events, queries } = this.#parts;
    return {
      type: 'state',
      ltime: intents.clock.time,
      statusLTimes: members.statusLTimes(),
      leftMembers: this.#leftMembers(),
      eventLTime: events.clock.time,
      events: events.groups(),
      queryLTime: queries.clock.time,
    };
  }

  /**
   * A node that is leaving counts itself among those who left. As one of the others its time would be taken for a join's,
   * and the intent that comes behind would be dropped as old (spec/03 §16.2).
   */
  #leftMembers(): string[] {
    const { members, intents } = this.#parts;
    const left = members.left().map((member) => member.name);
    if (members.get(intents.self)?.status === 'leaving') left.push(intents.self);
    return left;
  }

  /** Takes what another node knows. None of it is gossiped on: whoever lacks it gets it by push/pull too. */
  merge(state: SerfState, { isAnswer, ignoreOld }: StateOrigin, nowMs: number): void {
    const { intents, events, queries } = this.#parts;
    this.#witness(intents.clock, state.ltime, isAnswer);
    this.#witness(events.clock, state.eventLTime, isAnswer);
    this.#witness(queries.clock, state.queryLTime, isAnswer);
    this.#mergeStatuses(state, nowMs);
    if (ignoreOld) events.ignoreBefore(state.eventLTime);
    this.#mergeEvents(state.events);
  }

  /** A clock shows the time of the next message: the last one that exists is the one before. */
  #witness(clock: LamportClock, time: number, isAnswer: boolean): void {
    if (time === 0) return;
    if (isAnswer ? clock.catchUp(time - 1) : clock.witness(time - 1)) return;
    this.#parts.refuse(`the Lamport time ${time} is out of range`);
  }

  /**
   * Those who left come first, each one above its status time: as a join, the same time would block the leave. Our own
   * name among them is how a node that came back learns that it must contradict.
   */
  #mergeStatuses(state: SerfState, nowMs: number): void {
    const { intents } = this.#parts;
    const left = new Set(state.leftMembers);
    for (const node of left) {
      const ltime = (state.statusLTimes.get(node) ?? 0) + 1;
      if (node === intents.self) intents.refuteLeft(ltime, nowMs);
      else intents.applyLeave({ ltime, node, prune: false }, nowMs);
    }
    for (const [node, ltime] of state.statusLTimes) {
      if (left.has(node)) continue;
      if (node === intents.self) intents.outdo(ltime, nowMs);
      else intents.applyJoin({ ltime, node }, nowMs);
    }
  }

  /** In the order of their Lamport times, whatever the order of the slots. Whether they may be coalesced is lost. */
  #mergeEvents(groups: readonly (EventGroup | undefined)[]): void {
    const filled = groups.filter((group) => group !== undefined);
    for (const { ltime, events } of filled.sort((a, b) => a.ltime - b.ltime)) {
      for (const event of events) this.#parts.events.take({ ltime, ...event, coalesce: false });
    }
  }
}
