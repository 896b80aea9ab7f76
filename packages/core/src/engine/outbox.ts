import type { EngineNotice } from './protocol.js';

export interface OutboxLimits {
  /** Events that wait for a busy application; beyond it the oldest are dropped and counted. */
  readonly events: number;
  readonly logs: number;
}

const defaultLimits: OutboxLimits = { events: 65_536, logs: 4_096 };

/**
 * What waits to be told to the application. While that is busy, members need one entry each, however often they change;
 * events and log lines are capped; answers are as many as there were questions.
 */
export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #members = new Map<string, EngineNotice>();
  readonly #events = new DroppingQueue();
  readonly #logs = new DroppingQueue();
  #answers: EngineNotice[] = [];

  constructor(limits: OutboxLimits = defaultLimits) {
    this.#limits = limits;
  }

  add(notice: EngineNotice): void {
    switch (notice.type) {
      case 'memberChanged':
        this.#replace(notice.member.name, notice);
        break;
      case 'memberForgotten':
        this.#replace(notice.name, notice);
        break;
      case 'event':
        this.#events.add(notice, this.#limits.events);
        break;
      case 'log':
        this.#logs.add(notice, this.#limits.logs);
        break;
      default:
        this.#answers.push(notice);
    }
  }

  /** The latest word counts, at the place of the latest: a member that came back is a new one. */
  #replace(name: string, notice: EngineNotice): void {
    this.#members.delete(name);
    this.#members.set(name, notice);
  }

  get isEmpty(): boolean {
    return this.#members.size + this.#events.size + this.#logs.size + this.#answers.length === 0;
  }

  get eventsDropped(): number {
    return this.#events.dropped;
  }

  get logsDropped(): number {
    return this.#logs.dropped;
  }

  /** Takes everything: members first, so that whoever hears of an event finds the list up to date; answers last. */
  take(): EngineNotice[] {
    const batch = [
      ...this.#members.values(),
      ...this.#events.take(),
      ...this.#logs.take(),
      ...this.#answers,
    ];
    this.#members.clear();
    this.#answers = [];
    return batch;
  }
}

/** Keeps the newest. Dropped ones are cut off in bulk, so that a flood costs no shifting of the whole. */
class DroppingQueue {
  #notices: EngineNotice[] = [];
  #start = 0;
  dropped = 0;

  get size(): number {
    return this.#notices.length - this.#start;
  }

  add(notice: EngineNotice, limit: number): void {
    this.#notices.push(notice);
    if (this.size <= limit) return;
    this.#start += 1;
    this.dropped += 1;
    if (this.#start < limit) return;
    this.#notices = this.#notices.slice(this.#start);
    this.#start = 0;
  }

  take(): readonly EngineNotice[] {
    const taken = this.#start === 0 ? this.#notices : this.#notices.slice(this.#start);
    this.#notices = [];
    this.#start = 0;
    return taken;
  }
}
