import type { ReceivedQuery } from './answers.js';
import type { KeyOperation } from './input.js';
import type { KeyAnswers } from './key-answers.js';
import type { NameConflicts } from './name-conflicts.js';

/** Names of queries that nodes answer by themselves begin so (spec/03 §15). */
export const internalPrefix = '_serf_';

/** Asks who is there: the ack is the answer. */
export const pingQuery = '_serf_ping';

/** Asks where the member of a contested name is. */
export const conflictQuery = '_serf_conflict';

/** What Serf answers to queries of this prefix fits into a packet: whoever sends more wants to be read for seconds. */
export const longestInternalAnswerBytes = 65_507;

export const keyQueries: Readonly<Record<KeyOperation, string>> = {
  install: '_serf_install-key',
  use: '_serf_use-key',
  remove: '_serf_remove-key',
  list: '_serf_list-keys',
};

const keyOperations = new Map(
  Object.entries(keyQueries).map(([operation, name]) => [name, operation as KeyOperation]),
);

export interface InternalQueriesParts {
  readonly keys: Pick<KeyAnswers, 'answer'>;
  readonly conflicts: Pick<NameConflicts, 'answer'>;
  /** Counts and reports a query that no node answers. */
  readonly refuse: (detail: string) => void;
}

/** Answers the queries that are about the cluster itself; none of them reaches the application. */
export class InternalQueries {
  readonly #parts: InternalQueriesParts;

  constructor(parts: InternalQueriesParts) {
    this.#parts = parts;
  }

  answer(query: ReceivedQuery): void {
    const { keys, conflicts, refuse } = this.#parts;
    const { name, sourceNode } = query;
    if (name === pingQuery) return;
    const operation = keyOperations.get(name);
    if (operation !== undefined) keys.answer(operation, query);
    else if (name === conflictQuery) conflicts.answer(query);
    else refuse(`the query ${name} of ${sourceNode} is none that nodes answer`);
  }
}
