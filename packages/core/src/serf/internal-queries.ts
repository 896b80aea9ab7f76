import type { QueryMessage } from '../wire/serf-messages.js';

/** Names of queries that nodes answer by themselves begin so (spec/03 §15). */
export const internalPrefix = '_serf_';

/** Asks who is there: the ack is the answer. */
export const pingQuery = '_serf_ping';

/** Answers the queries that are about the cluster itself; none of them reaches the application. */
export class InternalQueries {
  readonly #refuse: (detail: string) => void;

  constructor(refuse: (detail: string) => void) {
    this.#refuse = refuse;
  }

  answer(query: QueryMessage): void {
    if (query.name === pingQuery) return;
    this.#refuse(`the query ${query.name} of ${query.sourceNode} is none that nodes answer`);
  }
}
