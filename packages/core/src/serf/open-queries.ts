import type { Answers, Asked, ReceivedQuery } from './answers.js';
import type { IncomingQuery, QueryHandle } from './event.js';
import type { RequestId } from './input.js';
import type { SerfOutput } from './output.js';

/** Queries that may wait for the application's answer; beyond it the oldest can't be answered any more. */
const openLimit = 4_096;

interface OpenQuery {
  readonly asked: Asked;
  isAnswered: boolean;
}

/** In Serf's words every failed answer is one "to key query", whatever it answers. */
const errorPrefix = 'failed to respond to key query: ';

/** The queries that the application was asked and may answer: once each, until its deadline (spec/03 §14.5). */
export class OpenQueries {
  readonly #answers: Answers;
  readonly #emit: (output: SerfOutput) => void;
  readonly #open = new Map<QueryHandle, OpenQuery>();
  #last: QueryHandle = 0;

  constructor(answers: Answers, emit: (output: SerfOutput) => void) {
    this.#answers = answers;
    this.#emit = emit;
  }

  /** Hands a query to the application. */
  ask(query: ReceivedQuery, nowMs: number): void {
    this.#makeRoom(nowMs);
    this.#last += 1;
    const { ltime, id, address, port, sourceNode, relayFactor, deadlineMs, name, payload } = query;
    const asked = { ltime, id, address, port, sourceNode, relayFactor, deadlineMs };
    this.#open.set(this.#last, { asked, isAnswered: false });
    const event: IncomingQuery = {
      type: 'query',
      query: this.#last,
      ltime,
      id,
      name,
      payload,
      from: sourceNode,
      deadlineMs,
    };
    this.#emit({ type: 'event', event });
  }

  respond(
    request: RequestId,
    handle: QueryHandle,
    payload: Uint8Array | undefined,
    nowMs: number,
  ): void {
    const problem = this.#respond(handle, payload, nowMs);
    const error = problem === undefined ? undefined : errorPrefix + problem;
    this.#emit({ type: 'done', request, error });
  }

  #respond(
    handle: QueryHandle,
    payload: Uint8Array | undefined,
    nowMs: number,
  ): string | undefined {
    const query = this.#open.get(handle);
    if (query?.isAnswered) return 'response already sent';
    if (query === undefined || nowMs > query.asked.deadlineMs)
      return 'response is past the deadline';
    const problem = this.#answers.respond(query.asked, payload);
    if (problem === undefined) query.isAnswered = true;
    return problem;
  }

  #makeRoom(nowMs: number): void {
    if (this.#open.size < openLimit) return;
    for (const [handle, { asked }] of this.#open) {
      if (asked.deadlineMs < nowMs) this.#open.delete(handle);
    }
    const [oldest] = this.#open.keys();
    if (this.#open.size >= openLimit && oldest !== undefined) this.#open.delete(oldest);
  }
}
