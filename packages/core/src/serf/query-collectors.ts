import type { BroadcastQueue } from '../swim/broadcast-queue.js';
import type { Random } from '../swim/random.js';
import { encodeSerfMessage } from '../wire/serf-codec.js';
import type { QueryMessage, QueryResponse } from '../wire/serf-messages.js';
import { wellFormed } from '../wire/utf8.js';
import type { QueryRequest } from './input.js';
import { pingQuery } from './internal-queries.js';
import type { Members } from './members.js';
import type { SerfOptions } from './options.js';
import type { SerfOutput } from './output.js';
import type { Queries } from './queries.js';
import { encodeFilters, subjectsOf } from './query-filters.js';

/** Hears what becomes of one query of this node's. */
export interface QuerySink {
  /** It is sent: comes before everything else. */
  started(deadlineMs: number): void;
  ack(from: string): void;
  response(from: string, payload: Uint8Array | undefined): void;
  /** Nothing more comes. `early`: before its deadline. */
  done(summary: {
    readonly acks: number;
    readonly responses: number;
    readonly early: boolean;
  }): void;
}

export interface QueryCollectorsParts {
  readonly self: string;
  readonly members: Members;
  /** Members that the membership layer holds as alive, this node included. */
  readonly aliveCount: () => number;
  readonly queries: Queries;
  readonly queue: BroadcastQueue;
  readonly random: Random;
  readonly emit: (output: SerfOutput) => void;
  /** Counts and reports a message that cannot be believed. */
  readonly refuse: (detail: string) => void;
}

/** Queries of this node's that may run at once. */
const openLimit = 1_024;
/** Everybody answers once; so many more than the members that are known here may be newcomers. */
const answersPerMember = 2;
const fewestAnswers = 64;
/** What the answers to one query may hold together. */
const answerBytesLimit = 64 * 1_024 * 1_024;

const ackFlag = 1;
const nanosecondsPerMs = 1e6;
/** Longer than any query runs, and exact in nanoseconds. */
const longestTimeoutMs = 2 ** 53 / nanosecondsPerMs - 1;

interface Collector {
  readonly key: string;
  readonly wantsAcks: boolean;
  readonly sink: QuerySink;
  readonly deadlineMs: number;
  readonly acked: Set<string>;
  readonly answered: Set<string>;
  answerBytes: number;
  /** Those who are waited for; `undefined` for a query that runs to its deadline. */
  readonly missing: Set<string> | undefined;
  /** An ack is all that is to come of these queries. */
  readonly ackSuffices: boolean;
  isOver: boolean;
}

/** Counts of everything that was collected. */
export interface AnswerCounts {
  acks: number;
  duplicateAcks: number;
  responses: number;
  duplicateResponses: number;
}

/** Sends this node's queries, and collects what comes back until their deadlines (spec/03 §14.2, §14.6). */
export class QueryCollectors {
  readonly #options: SerfOptions;
  readonly #parts: QueryCollectorsParts;
  /** By Lamport time and id: two queries of one moment are two (spec/03 §24, 8). */
  readonly #byKey = new Map<string, Collector>();
  readonly #byNumber = new Map<number, Collector>();
  #last = 0;
  readonly counts: AnswerCounts = {
    acks: 0,
    duplicateAcks: 0,
    responses: 0,
    duplicateResponses: 0,
  };

  constructor(options: SerfOptions, parts: QueryCollectorsParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Sends a query; returns why it cannot be sent, in Serf's words where it has them, and then nothing is started. */
  start(request: QueryRequest, sink: QuerySink, nowMs: number): string | undefined {
    if (this.#options.protocol < 4) return 'Feature not supported';
    const { relayFactor } = request;
    if (!Number.isInteger(relayFactor) || relayFactor < 0 || relayFactor > 255) {
      return `the relay factor ${relayFactor} is not between 0 and 255`;
    }
    if (this.#byNumber.size >= openLimit && !this.#dropOver()) {
      return `too many queries of this node run: ${openLimit}`;
    }
    const timeoutMs = this.#timeoutMs(request.timeoutMs);
    const message = this.#message(request, timeoutMs);
    const encoded = encodeSerfMessage(message);
    const limit = this.#options.querySizeLimit;
    if (encoded.length > limit) return `query exceeds limit of ${limit} bytes`;

    const number = this.#open(message, request, sink, nowMs + timeoutMs);
    sink.started(nowMs + timeoutMs);
    const { queries, queue, emit } = this.#parts;
    if (queries.take(message, nowMs) && !queue.add(encoded)) {
      const { name } = message;
      const bytes = encoded.length;
      emit({ type: 'report', code: 'tooLongToSpread', kind: 'query', name, bytes });
    }
    const collector = this.#byNumber.get(number);
    if (collector?.missing?.size === 0) this.#end(collector, true);
    return undefined;
  }

  /** Takes an ack or an answer, from a packet, a stream or a relay. */
  receive(response: QueryResponse, nowMs: number): void {
    const { ltime, id, from, flags } = response;
    const collector = this.#byKey.get(keyOf(ltime, id));
    if (collector === undefined) {
      this.#parts.refuse(`a query response from ${from} answers no query of this node`);
      return;
    }
    if (collector.isOver || nowMs > collector.deadlineMs) return;
    if ((flags & ackFlag) !== 0) this.#ack(collector, from);
    else this.#response(collector, from, response.payload);
    if (collector.missing?.size === 0) this.#end(collector, true);
  }

  /** Nobody waits for an answer of who is gone. */
  memberGone(name: string): void {
    for (const collector of this.#byNumber.values()) {
      if (collector.isOver || collector.missing?.delete(name) !== true) continue;
      if (collector.missing.size === 0) this.#end(collector, true);
    }
  }

  /** A `queryDeadline` fell due. */
  deadline(number: number): void {
    const collector = this.#byNumber.get(number);
    if (collector === undefined) return;
    this.#drop(number, collector);
    this.#end(collector, false);
  }

  /** Ends the query of a sink that has heard enough. */
  stop(sink: QuerySink): void {
    for (const collector of this.#byNumber.values()) {
      if (collector.sink === sink) this.#end(collector, true);
    }
  }

  /** The default grows with the cluster, as the time does that gossip takes (spec/03 §14.1); a negative time is over. */
  #timeoutMs(wantedMs: number): number {
    if (wantedMs !== 0 && Number.isFinite(wantedMs)) {
      return Math.max(0, Math.min(wantedMs, longestTimeoutMs));
    }
    const { queryTimeoutMult, swim } = this.#options;
    const scale = Math.ceil(Math.log10(this.#parts.aliveCount() + 1));
    return swim.gossipIntervalMs * queryTimeoutMult * scale;
  }

  #message(request: QueryRequest, timeoutMs: number): QueryMessage {
    const { address, port } = this.#options.swim;
    const { queries, random, self } = this.#parts;
    return {
      type: 'query',
      ltime: queries.clock.time,
      id: Math.floor(random() * 2 ** 31),
      address,
      port,
      sourceNode: self,
      filters: encodeFilters(request),
      flags: request.requestAck ? 1 : 0,
      relayFactor: request.relayFactor,
      timeout: Math.round(timeoutMs * nanosecondsPerMs),
      name: wellFormed(request.name),
      payload: request.payload?.slice(),
    };
  }

  #open(message: QueryMessage, request: QueryRequest, sink: QuerySink, deadlineMs: number): number {
    this.#last += 1;
    const ackSuffices = message.name === pingQuery;
    const canEnd = request.endEarly && (request.requestAck || !ackSuffices);
    const collector: Collector = {
      key: keyOf(message.ltime, message.id),
      wantsAcks: request.requestAck,
      sink,
      deadlineMs,
      acked: new Set(),
      answered: new Set(),
      answerBytes: 0,
      missing: canEnd ? this.#wanted(request) : undefined,
      ackSuffices,
      isOver: false,
    };
    this.#byNumber.set(this.#last, collector);
    this.#byKey.set(collector.key, collector);
    const timer = { type: 'queryDeadline', query: this.#last } as const;
    this.#parts.emit({ type: 'schedule', timer, atMs: deadlineMs });
    return this.#last;
  }

  #wanted(request: QueryRequest): Set<string> {
    const isWanted = subjectsOf(request);
    const members = this.#parts.members.all();
    return new Set(
      members.filter((each) => each.status === 'alive' && isWanted(each)).map(({ name }) => name),
    );
  }

  #ack(collector: Collector, from: string): void {
    if (!collector.wantsAcks) return;
    if (collector.acked.has(from)) {
      this.counts.duplicateAcks += 1;
      return;
    }
    if (!this.#hasRoom(collector.acked, from)) return;
    collector.acked.add(from);
    this.counts.acks += 1;
    collector.sink.ack(from);
    this.#settle(collector, from);
  }

  #response(collector: Collector, from: string, payload: Uint8Array | undefined): void {
    if (collector.answered.has(from)) {
      this.counts.duplicateResponses += 1;
      return;
    }
    if (!this.#hasRoom(collector.answered, from)) return;
    const bytes = payload?.length ?? 0;
    if (collector.answerBytes + bytes > answerBytesLimit) {
      this.#parts.refuse(
        `the answer of ${from} is one too many: ${answerBytesLimit} bytes are the limit`,
      );
      return;
    }
    collector.answered.add(from);
    collector.answerBytes += bytes;
    this.counts.responses += 1;
    collector.sink.response(from, payload);
    this.#settle(collector, from);
  }

  #hasRoom(senders: ReadonlySet<string>, from: string): boolean {
    const limit = Math.max(fewestAnswers, answersPerMember * this.#parts.members.size);
    if (senders.size < limit) return true;
    this.#parts.refuse(`the answer of ${from} is one too many: ${limit} are the limit`);
    return false;
  }

  /** Who has done all that is asked of it is not waited for any more. */
  #settle({ wantsAcks, acked, answered, ackSuffices, missing }: Collector, from: string): void {
    const hasAcked = !wantsAcks || acked.has(from);
    if (hasAcked && (ackSuffices || answered.has(from))) missing?.delete(from);
  }

  /** Late copies may still come until the deadline: the collector stays until then, so that they are known for what they are. */
  #end(collector: Collector, early: boolean): void {
    if (collector.isOver) return;
    collector.isOver = true;
    const { acked, answered, sink } = collector;
    sink.done({ acks: acked.size, responses: answered.size, early });
  }

  /** One that ended early only waits for late copies: it makes room for a new query. False when all still run. */
  #dropOver(): boolean {
    for (const [number, collector] of this.#byNumber) {
      if (!collector.isOver) continue;
      this.#drop(number, collector);
      return true;
    }
    return false;
  }

  #drop(number: number, { key }: Collector): void {
    this.#byNumber.delete(number);
    this.#byKey.delete(key);
  }
}

function keyOf(ltime: number, id: number): string {
  return `${ltime} ${id}`;
}
