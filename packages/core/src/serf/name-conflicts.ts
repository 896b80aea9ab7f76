import type { SwimNotice } from '../swim/output.js';
import { RateTable } from '../swim/rate-table.js';
import { type Endpoint, endpointOf, formatEndpoint } from '../wire/endpoint.js';
import { encodeSerfMessage } from '../wire/serf-codec.js';
import type { ConflictMember } from '../wire/serf-messages.js';
import { utf8Bytes, utf8Text } from '../wire/utf8.js';
import type { Answers, ReceivedQuery } from './answers.js';
import { ConflictVote } from './conflict-vote.js';
import { conflictQuery } from './internal-queries.js';
import type { MemberStatus, SerfMember } from './member.js';
import type { Members } from './members.js';
import type { SerfOutput } from './output.js';
import type { QueryCollectors } from './query-collectors.js';

/** A contested name gets a line once in this time, however often it is claimed. */
const lineIntervalMs = 1_000;
/** Contested names that are told apart when it comes to how often each gets a line. */
const contestedNameLimit = 1_024;
/** A vote is held no oftener than this, however often the own name is claimed. */
const voteIntervalMs = 10_000;

export interface NameConflictsParts {
  readonly self: string;
  readonly members: Members;
  readonly answers: Pick<Answers, 'respond'>;
  readonly collectors: Pick<QueryCollectors, 'start'>;
  /** Whether somebody of this node's name answers at an address: its `rivalAnswered` follows. */
  readonly pingRival: (to: Endpoint) => void;
  /** A node that leaves gives its name away anyway. */
  readonly isStaying: () => boolean;
  readonly nowMs: () => number;
  readonly emit: (output: SerfOutput) => void;
}

/**
 * What this node does when two nodes claim one name: a line for each, and for its own name a vote of the others, who
 * say at which address they know it (spec/03 §15.4).
 */
export class NameConflicts {
  readonly #isDisabled: boolean;
  readonly #parts: NameConflictsParts;
  readonly #lines = new RateTable({ intervalMs: lineIntervalMs, limit: contestedNameLimit });
  #vote: ConflictVote | undefined;
  #nextVoteMs = Number.NEGATIVE_INFINITY;
  /** The silent rival that a line was said about. */
  #silentRival: string | undefined;

  constructor(options: { readonly disableNameResolution: boolean }, parts: NameConflictsParts) {
    this.#isDisabled = options.disableNameResolution;
    this.#parts = parts;
  }

  /** The membership layer saw the same name at two addresses. */
  heard({ existing, other }: Extract<SwimNotice, { type: 'conflict' }>): void {
    const { self, nowMs, emit } = this.#parts;
    const rival = endpointOf(other.address, other.port);
    const own = existing.name === self;
    if (this.#lines.allows(existing.name, nowMs())) {
      emit({
        type: 'report',
        code: 'nameConflict',
        node: existing.name,
        own,
        resolved: !this.#isDisabled,
        existing: formatEndpoint(existing.endpoint),
        other: rival === undefined ? 'an unknown address' : formatEndpoint(rival),
      });
    }
    if (own && rival !== undefined) this.#holdVote(rival);
  }

  /** Somebody else asks the cluster about a contested name; whoever claims it itself has no vote. */
  answer(query: ReceivedQuery): void {
    const { self, members, answers } = this.#parts;
    const name = utf8Text(query.payload ?? new Uint8Array());
    if (name === self) return;
    const known = members.get(name);
    const member = known === undefined ? undefined : conflictMember(known);
    answers.respond(query, encodeSerfMessage({ type: 'conflictResponse', member }));
  }

  /** How `pingRival` ended. */
  rivalAnswered(isThere: boolean): void {
    const { emit } = this.#parts;
    const vote = this.#vote;
    if (vote === undefined) return;
    this.#vote = undefined;
    if (isThere) {
      this.#reportVote(vote);
      emit({ type: 'conflictLost' });
      return;
    }
    const rival = formatEndpoint(vote.rival);
    if (rival === this.#silentRival) return;
    this.#silentRival = rival;
    emit({ type: 'report', code: 'rivalSilent', rival });
  }

  #holdVote(rival: Endpoint): void {
    const { self, members, collectors, isStaying, nowMs } = this.#parts;
    const own = members.get(self);
    if (this.#isDisabled || this.#vote !== undefined || own === undefined) return;
    if (!isStaying() || nowMs() < this.#nextVoteMs) return;
    this.#nextVoteMs = nowMs() + voteIntervalMs;
    const vote = new ConflictVote(own, rival, () => this.#counted(vote));
    this.#vote = vote;
    const query = {
      name: conflictQuery,
      payload: utf8Bytes(self),
      filterNodes: [],
      filterTags: {},
      requestAck: false,
      relayFactor: 0,
      timeoutMs: 0,
      endEarly: false,
    };
    // Without a vote nobody is to give way.
    if (collectors.start(query, vote, nowMs()) !== undefined) this.#vote = undefined;
  }

  /** A rival that was killed is still held as alive by the others: it wins the vote, and must not win the name. */
  #counted(vote: ConflictVote): void {
    const { isStaying, pingRival } = this.#parts;
    if (!vote.isWon && isStaying()) {
      pingRival(vote.rival);
      return;
    }
    this.#vote = undefined;
    if (vote.isWon) this.#reportVote(vote);
  }

  #reportVote({ isWon: won, matching, responses }: ConflictVote): void {
    this.#parts.emit({ type: 'report', code: 'conflictVote', won, matching, responses });
  }
}

const statusNumbers: Readonly<Record<MemberStatus, number>> = {
  none: 0,
  alive: 1,
  leaving: 2,
  left: 3,
  failed: 4,
};

function conflictMember({
  name,
  address,
  port,
  tags,
  status,
  versions,
}: SerfMember): ConflictMember {
  return { name, address, port, tags, status: statusNumbers[status], ...versions };
}
