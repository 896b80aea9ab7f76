import type { QueryRequest, RequestId } from './input.js';
import { internalPrefix, pingQuery } from './internal-queries.js';
import type { SerfOutput } from './output.js';
import type { QueryCollectors, QuerySink } from './query-collectors.js';

/** The queries of this node's application: checks them, and tells what comes of them. */
export class OwnQueries {
  readonly #collectors: QueryCollectors;
  readonly #emit: (output: SerfOutput) => void;
  /** Of queries under way. */
  readonly #sinks = new Map<RequestId, QuerySink>();

  constructor(collectors: QueryCollectors, emit: (output: SerfOutput) => void) {
    this.#collectors = collectors;
    this.#emit = emit;
  }

  send(request: RequestId, query: QueryRequest, nowMs: number): void {
    const sink = this.#sink(request);
    this.#sinks.set(request, sink);
    const error = reservedProblem(query) ?? this.#collectors.start(query, sink, nowMs);
    if (error === undefined) return;
    this.#sinks.delete(request);
    this.#emit({ type: 'done', request, error });
  }

  /** Ends the query of a request before its deadline: it makes room for others. */
  end(request: RequestId, query: RequestId): void {
    const sink = this.#sinks.get(query);
    if (sink !== undefined) this.#collectors.stop(sink);
    this.#emit({ type: 'done', request, error: undefined });
  }

  #sink(request: RequestId): QuerySink {
    const emit = this.#emit;
    const sinks = this.#sinks;
    return {
      started(deadlineMs) {
        emit({ type: 'queryStarted', request, deadlineMs });
        emit({ type: 'done', request, error: undefined });
      },
      ack: (from) => emit({ type: 'queryAck', request, from }),
      response: (from, payload) => emit({ type: 'queryResponse', request, from, payload }),
      done(summary) {
        sinks.delete(request);
        emit({ type: 'queryDone', request, ...summary });
      },
    };
  }
}

/**
 * An application may ask who is there, without a payload, not even an empty one (spec/05 §8.11); the other queries of
 * this prefix are the cluster's own.
 */
function reservedProblem({ name, payload }: QueryRequest): string | undefined {
  if (!name.startsWith(internalPrefix)) return undefined;
  if (name === pingQuery && payload === undefined) return undefined;
  return `Queries cannot contain the '${internalPrefix}' prefix`;
}
