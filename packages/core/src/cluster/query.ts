import type { QueryRequest } from '../serf/input.js';
import type { Tags } from '../serf/member.js';
import {
  badArgument,
  integerOf,
  optionalPayloadOf,
  refuseUnknown,
  tagsOf,
  textOf,
  textsOf,
} from './arguments.js';

/** How a question is asked. */
export interface QueryOptions {
  /** Only these members are asked, by their exact names. Default: all. */
  readonly filterNodes?: readonly string[];
  /** Only members are asked whose tags match: a pattern in Go's syntax for each tag, found anywhere in its value. */
  readonly filterTags?: Tags;
  /** Whether members tell at once that the query reached them. Default: false. */
  readonly requestAck?: boolean;
  /** How many other members pass each answer on as well, for networks that lose packets: 0 to 255. Default: 0. */
  readonly relayFactor?: number;
  /** How long answers are waited for, in milliseconds. Default: Serf's for the size of the cluster, 3.2 s and up. */
  readonly timeoutMs?: number;
  /** Whether the query ends once every alive member that is asked has answered (and acked, if asked to). Default: true. */
  readonly early?: boolean;
}

/** One answer to a query. */
export interface QueryResponse {
  /** The member that answered. */
  readonly from: string;
  /** Empty and none are two things. */
  readonly payload: Uint8Array | undefined;
}

/** What comes back from a query. Each member acks at most once and answers at most once. */
export type QueryUpdate =
  | { readonly type: 'ack'; readonly from: string }
  | ({ readonly type: 'response' } & QueryResponse);

/** All that came back. */
export interface QueryResult {
  /** The members that acked, in the order of their acks. */
  readonly acks: readonly string[];
  readonly responses: readonly QueryResponse[];
  /** Whether the query ended before its deadline, because nobody was left to wait for. */
  readonly early: boolean;
  /** Answers that found no room and are lost. */
  readonly dropped: number;
}

/**
 * A query under way. It keeps what has come back, so every reader sees all of it from the first answer on, whenever it
 * begins; readers end when the query does.
 *
 * ```ts
 * for await (const { from, payload } of query.responses()) console.log(from, Buffer.from(payload ?? '').toString());
 * ```
 */
export interface Query extends AsyncIterable<QueryUpdate> {
  readonly name: string;
  /** Until when answers count, in milliseconds since the epoch. */
  readonly deadline: number;
  /** The names of members as they ack; empty without `requestAck`. */
  acks(): AsyncIterableIterator<string>;
  /** The answers as they come. */
  responses(): AsyncIterableIterator<QueryResponse>;
  /**
   * Resolves when the query has ended. Rejects with a ClusterError when the node was shut down or died before; nobody has
   * to look.
   */
  readonly finished: Promise<QueryResult>;
  /** Waits for no more answers: readers end, and `finished` resolves to what there is. */
  close(): void;
}

/** What one query keeps of its answers; beyond it they are dropped and counted. */
export interface AnswerLimits {
  readonly answers: number;
  readonly bytes: number;
}

/** Twice the largest cluster; and a 100 kB answer from each of some hundred members. */
const answerLimits: AnswerLimits = { answers: 131_072, bytes: 64 * 1_024 * 1_024 };

/** The query as its cluster handle feeds it. */
export class RunningQuery implements Query {
  readonly name: string;
  readonly finished: Promise<QueryResult>;
  deadline = 0;
  readonly #limits: AnswerLimits;
  readonly #closed: () => void;
  readonly #updates: QueryUpdate[] = [];
  #bytes = 0;
  #dropped = 0;
  #end: { readonly error: Error | undefined } | undefined;
  #readers: (() => void)[] = [];
  #settle: { resolve(result: QueryResult): void; reject(error: Error): void };

  /** `closed`: its owner waits for no more. */
  constructor(name: string, closed: () => void, limits: AnswerLimits = answerLimits) {
    this.name = name;
    this.#closed = closed;
    this.#limits = limits;
    this.#settle = { resolve: () => undefined, reject: () => undefined };
    this.finished = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.finished.catch(() => undefined);
  }

  /** False when there was no room. */
  add(update: QueryUpdate): boolean {
    if (this.#end !== undefined) return true;
    const bytes = update.type === 'response' ? (update.payload?.length ?? 0) : 0;
    if (this.#updates.length >= this.#limits.answers || this.#bytes + bytes > this.#limits.bytes) {
      this.#dropped += 1;
      return false;
    }
    this.#updates.push(update);
    this.#bytes += bytes;
    this.#wake();
    return true;
  }

  done(early: boolean): void {
    if (this.#end !== undefined) return;
    this.#end = { error: undefined };
    this.#settle.resolve({
      acks: this.#updates.flatMap((update) => (update.type === 'ack' ? [update.from] : [])),
      responses: this.#updates.flatMap((update) => {
        if (update.type === 'ack') return [];
        const { from, payload } = update;
        return [{ from, payload }];
      }),
      early,
      dropped: this.#dropped,
    });
    this.#wake();
  }

  /** The node is gone. Readers end, or throw when it died. */
  fail(error: Error, isDeath: boolean): void {
    if (this.#end !== undefined) return;
    this.#end = { error: isDeath ? error : undefined };
    this.#settle.reject(error);
    this.#wake();
  }

  close(): void {
    if (this.#end !== undefined) return;
    this.done(false);
    this.#closed();
  }

  acks(): AsyncIterableIterator<string> {
    return this.#read((update) => (update.type === 'ack' ? update.from : undefined));
  }

  responses(): AsyncIterableIterator<QueryResponse> {
    return this.#read((update) => {
      if (update.type === 'ack') return undefined;
      const { from, payload } = update;
      return { from, payload };
    });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<QueryUpdate> {
    return this.#read((update) => update);
  }

  async *#read<T>(pick: (update: QueryUpdate) => T | undefined): AsyncGenerator<T, void, void> {
    for (let next = 0; ; next += 1) {
      while (next >= this.#updates.length) {
        if (this.#end !== undefined) {
          if (this.#end.error !== undefined) throw this.#end.error;
          return;
        }
        await new Promise<void>((resolve) => this.#readers.push(resolve));
      }
      const update = this.#updates[next];
      const picked = update && pick(update);
      if (picked !== undefined) yield picked;
    }
  }

  #wake(): void {
    for (const resume of this.#readers.splice(0)) resume();
  }
}

const known: Readonly<Record<keyof QueryOptions, true>> = {
  filterNodes: true,
  filterTags: true,
  requestAck: true,
  relayFactor: true,
  timeoutMs: true,
  early: true,
};

/** The longest time that the protocol's nanoseconds hold exactly: 104 days. */
const longestTimeoutMs = Math.floor(Number.MAX_SAFE_INTEGER / 1e6);

/** Fills in the defaults. Throws a ClusterError for what is no option. */
export function queryRequest(
  name: string,
  payload: Uint8Array | string | undefined,
  options: QueryOptions,
): QueryRequest {
  refuseUnknown(options, known, 'option of a query');
  const { filterNodes = [], filterTags = {}, relayFactor = 0, timeoutMs = 0 } = options;
  return {
    name: textOf(name, 'name'),
    payload: optionalPayloadOf(payload),
    filterNodes: textsOf(filterNodes, 'filterNodes'),
    filterTags: tagsOf(filterTags, 'filterTags'),
    requestAck: options.requestAck === true,
    relayFactor: integerOf(relayFactor, [0, 255], 'relayFactor'),
    timeoutMs: timeoutOf(timeoutMs),
    endEarly: options.early !== false,
  };
}

/** Whoever wants to wait longer waits that long. */
function timeoutOf(timeoutMs: unknown): number {
  if (typeof timeoutMs !== 'number' || Number.isNaN(timeoutMs)) {
    throw badArgument(`timeoutMs: ${String(timeoutMs)} is no number of milliseconds`);
  }
  return Math.max(-longestTimeoutMs, Math.min(timeoutMs, longestTimeoutMs));
}
