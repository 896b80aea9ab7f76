import type { QueryRequest, RequestId, SerfNotice } from '@tserf/core/pure';
import type { KeyOutcome, QueryOutcome } from './result.js';
import type { Fault } from './scenario.js';

/** Times by which a query may be late in ending: the clocks of nodes round. */
const toleranceMs = 1;

/** A query under way. */
interface OpenQuery {
  readonly name: string;
  readonly startedMs: number;
  deadlineMs: number;
  readonly acks: string[];
  readonly responses: string[];
  endedMs: number | undefined;
  early: boolean;
}

/** A rule that the answers to a query broke. */
export interface Breach {
  readonly rule: 'answer-twice' | 'query-end';
  readonly detail: string;
}

/** What one process has asked its cluster, and what came of it. */
export class Requests {
  readonly #queries = new Map<RequestId, OpenQuery>();
  readonly keys: KeyOutcome[] = [];

  /** A query that was just fed. */
  asked(request: RequestId, name: string, nowMs: number): void {
    this.#queries.set(request, {
      name,
      startedMs: nowMs,
      deadlineMs: nowMs,
      acks: [],
      responses: [],
      endedMs: undefined,
      early: false,
    });
  }

  /** Takes what the node tells of its requests; returns what is wrong with it. */
  hear(node: string, told: SerfNotice, nowMs: number, virtualMs: (localMs: number) => number) {
    switch (told.type) {
      case 'queryStarted':
        this.#with(told.request, (query) => {
          query.deadlineMs = virtualMs(told.deadlineMs);
        });
        return undefined;
      case 'queryAck':
        return this.#answered(told.request, 'acks', told.from);
      case 'queryResponse':
        return this.#answered(told.request, 'responses', told.from);
      case 'queryDone':
        return this.#ended(told.request, told.early, nowMs);
      case 'keysDone':
        this.keys.push({ node, report: told.report });
        return undefined;
      default:
        return undefined;
    }
  }

  outcomes(node: string): QueryOutcome[] {
    return [...this.#queries.values()].map((query) => ({ node, ...query }));
  }

  /** The first query that should have ended by now. */
  overdue(nowMs: number): string | undefined {
    for (const { name, deadlineMs, endedMs } of this.#queries.values()) {
      if (endedMs === undefined && deadlineMs + toleranceMs < nowMs) return name;
    }
    return undefined;
  }

  #answered(request: RequestId, kind: 'acks' | 'responses', from: string): Breach | undefined {
    return this.#with(request, (query) => {
      if (query.endedMs !== undefined) {
        return { rule: 'query-end', detail: `${kind} of ${query.name} from ${from} after its end` };
      }
      if (query[kind].includes(from)) {
        return { rule: 'answer-twice', detail: `${kind} of ${query.name} from ${from}` };
      }
      query[kind].push(from);
      return undefined;
    });
  }

  #ended(request: RequestId, early: boolean, nowMs: number): Breach | undefined {
    return this.#with(request, (query) => {
      if (query.endedMs !== undefined) {
        return { rule: 'query-end', detail: `${query.name} ended twice` };
      }
      query.endedMs = nowMs;
      query.early = early;
      return undefined;
    });
  }

  #with<T>(request: RequestId, use: (query: OpenQuery) => T): T | undefined {
    const query = this.#queries.get(request);
    return query === undefined ? undefined : use(query);
  }
}

/** A query with every default that the scenario leaves open. */
export function queryOf(fault: Extract<Fault, { do: 'query' }>): QueryRequest {
  return {
    payload: undefined,
    filterNodes: [],
    filterTags: {},
    requestAck: true,
    relayFactor: 0,
    timeoutMs: 0,
    endEarly: false,
    ...fault,
  };
}
