import type {
  IncomingQuery,
  QueryHandle,
  RequestId,
  SerfNotice,
  UserEvent,
} from '@tserf/core/pure';
import { Requests } from './requests.js';
import type { Rule } from './violation.js';

export interface ConversationParts {
  readonly node: string;
  /** The events that former lives delivered, where there is a snapshot to remember them. */
  readonly deliveredBefore: ReadonlySet<string>;
  readonly nowMs: () => number;
  /** What one of the node's own times is on the simulation's clock. */
  readonly virtualMs: (localMs: number) => number;
  readonly answer: (query: QueryHandle) => void;
  readonly broken: (rule: Rule, detail: string) => void;
}

/** What the application of one process hears and asks, in one life, or over all that a snapshot joins: it answers every query, and holds the node to its word. */
export class Conversation {
  readonly #parts: ConversationParts;
  readonly #events: Set<string>;
  readonly #askedIds = new Set<string>();
  readonly requests = new Requests();

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.#events = new Set(parts.deliveredBefore);
  }

  /** The user events that were delivered. */
  get delivered(): ReadonlySet<string> {
    return this.#events;
  }

  /** A query that is about to be fed. */
  asked(request: RequestId, name: string): void {
    this.requests.asked(request, name, this.#parts.nowMs());
  }

  hear(notice: SerfNotice): void {
    const { node, nowMs, virtualMs, broken } = this.#parts;
    if (notice.type === 'event' && notice.event.type === 'user') this.#event(notice.event);
    if (notice.type === 'event' && notice.event.type === 'query') this.#query(notice.event);
    const breach = this.requests.hear(node, notice, nowMs(), virtualMs);
    if (breach !== undefined) broken(breach.rule, breach.detail);
  }

  #event({ ltime, name }: UserEvent): void {
    this.#once(this.#events, `${name} at ${ltime}`);
  }

  #query({ query, ltime, id, name }: IncomingQuery): void {
    this.#once(this.#askedIds, `the query ${name} ${id} at ${ltime}`);
    this.#parts.answer(query);
  }

  #once(told: Set<string>, what: string): void {
    if (told.has(what)) this.#parts.broken('delivered-twice', what);
    told.add(what);
  }
}
