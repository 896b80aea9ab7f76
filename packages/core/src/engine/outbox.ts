import { DroppingQueue } from './dropping-queue.js';
import type { EngineNotice } from './protocol.js';

export interface OutboxLimits {
  /** Events that wait for a busy application; beyond it the oldest are dropped and counted. */
  readonly events: number;
  /** What the names and payloads of these events may hold together. */
  readonly eventBytes: number;
  readonly logs: number;
  /** Acks and responses to queries of this node's; beyond it the newest are dropped and counted. */
  readonly answers: number;
  readonly answerBytes: number;
}

const defaultLimits: OutboxLimits = {
  events: 65_536,
  eventBytes: 64 * 1_024 * 1_024,
  logs: 4_096,
  answers: 65_536,
  answerBytes: 64 * 1_024 * 1_024,
};

/**
 * What waits to be told to the application. While that is busy, members need one entry each, however often they change;
 * events, log lines and answers to queries are capped; everything else is as much as there were requests.
 */
export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #members = new Map<string, EngineNotice>();
  readonly #events: DroppingQueue<EventNotice>;
  readonly #logs: DroppingQueue<EngineNotice>;
  /** What belongs to requests, in order: an answer to a query comes before its end. */
  #replies: EngineNotice[] = [];
  #answers = 0;
  #answerBytes = 0;
  #answersDropped = 0;

  constructor(limits: Partial<OutboxLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    const { events: items, eventBytes: bytes, logs } = this.#limits;
    this.#events = new DroppingQueue({ items, bytes }, ({ event }) => eventBytes(event));
    this.#logs = new DroppingQueue({ items: logs, bytes: Number.POSITIVE_INFINITY }, () => 0);
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
        this.#events.add(notice);
        break;
      case 'log':
        this.#logs.add(notice);
        break;
      case 'queryAck':
        this.#addAnswer(notice, 0);
        break;
      case 'queryResponse':
        this.#addAnswer(notice, notice.payload?.length ?? 0);
        break;
      default:
        this.#replies.push(notice);
    }
  }

  #addAnswer(notice: EngineNotice, bytes: number): void {
    const { answers, answerBytes } = this.#limits;
    if (this.#answers >= answers || this.#answerBytes + bytes > answerBytes) {
      this.#answersDropped += 1;
      return;
    }
    this.#answers += 1;
    this.#answerBytes += bytes;
    this.#replies.push(notice);
  }

  /** The latest word counts, at the place of the latest: a member that came back is a new one. */
  #replace(name: string, notice: EngineNotice): void {
    this.#members.delete(name);
    this.#members.set(name, notice);
  }

  get isEmpty(): boolean {
    return this.#members.size + this.#events.size + this.#logs.size + this.#replies.length === 0;
  }

  get eventsDropped(): number {
    return this.#events.dropped;
  }

  get logsDropped(): number {
    return this.#logs.dropped;
  }

  get answersDropped(): number {
    return this.#answersDropped;
  }

  /** Takes everything: members first, so that whoever hears of an event finds the list up to date; replies last. */
  take(): EngineNotice[] {
    const batch = [
      ...this.#members.values(),
      ...this.#events.take(),
      ...this.#logs.take(),
      ...this.#replies,
    ];
    this.#members.clear();
    this.#replies = [];
    this.#answers = 0;
    this.#answerBytes = 0;
    return batch;
  }
}

type EventNotice = Extract<EngineNotice, { type: 'event' }>;

/**
 * What others put into an event; the name of a query may be as long as a datagram. Members weigh nothing: how many of them
 * there are is bounded elsewhere.
 */
export function eventBytes(event: EventNotice['event']): number {
  return 'payload' in event ? event.name.length + (event.payload?.length ?? 0) : 0;
}
