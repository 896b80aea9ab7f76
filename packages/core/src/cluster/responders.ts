import { printable } from '../engine/printable.js';
import { ClusterError } from './cluster-error.js';
import type { ClusterLogLine, IncomingClusterQuery } from './cluster-events.js';

/** Answers a query by its name: what it returns is the answer; `undefined` gives none. */
export type QueryResponder = (
  query: IncomingClusterQuery,
) => Uint8Array | string | undefined | Promise<Uint8Array | string | undefined>;

/** Queries of one name that are being answered at one time; a responder that hangs must not fill the memory. */
const runningLimit = 1_024;

/** Who answers which query. A member has one answer to a query, so there is one responder for each name. */
export class Responders {
  readonly #byName = new Map<string, QueryResponder>();
  readonly #log: (line: ClusterLogLine) => void;
  /** By name: one that hangs must not silence the others. */
  readonly #running = new Map<string, number>();
  #unanswered = 0;

  constructor(log: (line: ClusterLogLine) => void) {
    this.#log = log;
  }

  /** Queries that came while too many were being answered. */
  get unanswered(): number {
    return this.#unanswered;
  }

  add(name: string, responder: QueryResponder): void {
    if (this.#byName.has(name)) {
      const text = `onQuery: '${name}' has a responder already; take it away with offQuery first`;
      throw new ClusterError('BAD_OPTION', text);
    }
    this.#byName.set(name, responder);
  }

  remove(name: string): void {
    this.#byName.delete(name);
  }

  /** Never throws, never rejects: what goes wrong is logged, and the asker gets no answer. */
  async answer(query: IncomingClusterQuery): Promise<void> {
    const { name } = query;
    const responder = this.#byName.get(name);
    if (responder === undefined) return;
    if (this.#runningOf(name) >= runningLimit) {
      this.#unanswered += 1;
      return;
    }
    this.#running.set(name, this.#runningOf(name) + 1);
    if (this.#runningOf(name) === runningLimit) {
      const text = `cluster: ${runningLimit} queries '${printable(name)}' are being answered: more get no answer until one of them is done`;
      this.#log({ level: 'WARN', text });
    }
    try {
      await this.#answerBy(responder, query);
    } finally {
      this.#running.set(name, this.#runningOf(name) - 1);
    }
  }

  #runningOf(name: string): number {
    return this.#running.get(name) ?? 0;
  }

  async #answerBy(responder: QueryResponder, query: IncomingClusterQuery): Promise<void> {
    const name = printable(query.name);
    let answer: Uint8Array | string | undefined;
    try {
      answer = await responder(query);
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#log({ level: 'ERR', text: `cluster: the responder for '${name}' threw: ${reason}` });
      return;
    }
    if (answer === undefined) return;
    await query.respond(answer).catch((error: Error) => {
      const text = `cluster: Failed to respond to query '${name}': ${error.message}`;
      this.#log({ level: 'WARN', text });
    });
  }
}
