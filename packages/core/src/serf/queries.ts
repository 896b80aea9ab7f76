import type { BroadcastQueue } from '../swim/broadcast-queue.js';
import { longestNameBytes } from '../wire/member-name.js';
import type { QueryMessage } from '../wire/serf-messages.js';
import type { Answers, ReceivedQuery } from './answers.js';
import { type InternalQueries, internalPrefix, keyQueries } from './internal-queries.js';
import { LamportClock } from './lamport-clock.js';
import { LamportRing } from './lamport-ring.js';
import type { Tags } from './member.js';
import type { OpenQueries } from './open-queries.js';
import type { SerfOutput } from './output.js';
import { filtersMatch } from './query-filters.js';

/** Queries of this many Lamport times are remembered (spec/03 §14.4). */
const bufferSlots = 512;

/** Queries that may share one Lamport time. */
const slotLimit = 1_024;

/** Bits of `flags`. */
const ackWanted = 1;
/** The query reaches its receivers directly and is not to be passed on. */
const noBroadcast = 2;

const nanosecondsPerMs = 1e6;

export interface QueriesParts {
  /** This node's name. */
  readonly self: string;
  /** This node's tags, as they are now. */
  readonly tags: () => Tags;
  readonly queue: BroadcastQueue;
  readonly answers: Pick<Answers, 'ack'>;
  /** Queries for the application. */
  readonly open: Pick<OpenQueries, 'ask'>;
  /** Queries that the node answers by itself. */
  readonly internal: Pick<InternalQueries, 'answer'>;
  readonly emit: (output: SerfOutput) => void;
  /** Counts and reports a message that cannot be believed. */
  readonly refuse: (detail: string) => void;
}

/** The queries of the cluster: each is taken once, acked and handed on when it is for this node (spec/03 §14.4). */
export class Queries {
  readonly clock = new LamportClock();
  readonly #parts: QueriesParts;
  /** Queries of earlier times were answered in an earlier life. */
  #minimum = 0;
  #taken = 0;
  #tooOld = 0;
  readonly #ring = new LamportRing<number>({
    slots: bufferSlots,
    slotWeightLimit: slotLimit,
    weightLimit: bufferSlots * slotLimit,
    weigh: () => 1,
    keyOf: (id) => id,
  });

  constructor(parts: QueriesParts) {
    this.#parts = parts;
  }

  /** Queries that were for this node, its own included. */
  get taken(): number {
    return this.#taken;
  }

  /** Queries that came too late for anybody to say whether they were news. */
  get tooOld(): number {
    return this.#tooOld;
  }

  /** Queries of Lamport times below this one are dropped without a word. */
  ignoreBefore(ltime: number): void {
    if (this.clock.believes(ltime)) this.#minimum = Math.max(this.#minimum, ltime);
  }

  /** Takes a query from gossip and passes it on, byte for byte, when it is news. */
  receive(query: QueryMessage, body: Uint8Array, nowMs: number): void {
    const { emit, queue } = this.#parts;
    emit({ type: 'report', code: 'messageReceived', kind: 'query', name: query.name });
    if (this.take(query, nowMs)) queue.add(body.slice());
  }

  /** Takes a query, of this node's own too; true means that it is to be passed on. */
  take(query: QueryMessage, nowMs: number): boolean {
    if (!this.#isNews(query)) return false;
    const { self, tags, emit, refuse } = this.#parts;
    if (filtersMatch(query.filters, { name: self, tags: tags() }, { emit, refuse })) {
      this.#handle(query, nowMs);
    }
    return (query.flags & noBroadcast) === 0 && !endsOldAgents(query);
  }

  #isNews({ ltime, id, name, sourceNode }: QueryMessage): boolean {
    const { emit, refuse } = this.#parts;
    if (!this.clock.witness(ltime)) {
      refuse(`the Lamport time ${ltime} is out of range`);
      return false;
    }
    if (ltime < this.#minimum) return false;
    // It is kept with each query for as long as that may be answered.
    if (sourceNode.length > longestNameBytes) {
      refuse(`a query of a name of ${sourceNode.length} letters, more than any member's`);
      return false;
    }
    const verdict = this.#ring.add(ltime, id, this.clock.time);
    if (verdict === 'full') refuse(`too many queries at the Lamport time ${ltime}`);
    if (verdict === 'old') {
      this.#tooOld += 1;
      const clockTime = this.clock.time;
      emit({ type: 'report', code: 'tooOld', kind: 'query', name, ltime, clockTime });
    }
    return verdict === 'new';
  }

  #handle(query: QueryMessage, nowMs: number): void {
    const { answers, open, internal } = this.#parts;
    this.#taken += 1;
    const received: ReceivedQuery = {
      ...query,
      deadlineMs: nowMs + query.timeout / nanosecondsPerMs,
    };
    if ((query.flags & ackWanted) !== 0) answers.ack(received);
    if (query.name.startsWith(internalPrefix)) internal.answer(received);
    else open.ask(received, nowMs);
  }
}

/**
 * A change of keys that names none ends every agent of Serf 0.9.4 that reads it (spec/03 §15.1), before it could pass it
 * on: one that was sent to us must not end all of theirs. No agent sends it.
 */
function endsOldAgents({ name, payload = nothing }: QueryMessage): boolean {
  return keyChanges.has(name) && payload.length === 0;
}

const keyChanges: ReadonlySet<string> = new Set([
  keyQueries.install,
  keyQueries.use,
  keyQueries.remove,
]);
const nothing = new Uint8Array();
