import { DecodeError } from '../wire/decode-error.js';
import { type Endpoint, sameAddress } from '../wire/endpoint.js';
import { decodeSerfMessage } from '../wire/serf-codec.js';
import type { ConflictResponse } from '../wire/serf-messages.js';
import { longestInternalAnswerBytes } from './internal-queries.js';
import type { SerfMember } from './member.js';
import type { QuerySink } from './query-collectors.js';

/** Counts what the others say about a name that two nodes claim (spec/03 §15.4). */
export class ConflictVote implements QuerySink {
  /** Where the other claimant is. */
  readonly rival: Endpoint;
  readonly #own: Pick<SerfMember, 'address' | 'port'>;
  readonly #counted: () => void;
  #responses = 0;
  #matching = 0;

  /** `counted` is called when the vote is over. */
  constructor(own: Pick<SerfMember, 'address' | 'port'>, rival: Endpoint, counted: () => void) {
    this.#own = own;
    this.rival = rival;
    this.#counted = counted;
  }

  /** Members that answered in a form that can be read, whether they know the name or not. */
  get responses(): number {
    return this.#responses;
  }

  /** Those who know the name at this node's address. */
  get matching(): number {
    return this.#matching;
  }

  /** A majority, or nobody to ask: in a cluster of two rivals Serf makes both quit (spec/03 §24, 10). */
  get isWon(): boolean {
    return this.#responses === 0 || this.#matching >= Math.floor(this.#responses / 2) + 1;
  }

  started(): void {}

  ack(): void {}

  response(_from: string, payload: Uint8Array | undefined): void {
    const response = readResponse(payload);
    if (response === undefined) return;
    this.#responses += 1;
    const { member } = response;
    const { address, port } = this.#own;
    if (member?.port === port && sameAddress(member.address, address)) this.#matching += 1;
  }

  done(): void {
    this.#counted();
  }
}

/** What cannot be read has no vote. */
function readResponse(payload: Uint8Array = new Uint8Array()): ConflictResponse | undefined {
  if (payload.length > longestInternalAnswerBytes) return undefined;
  try {
    const message = decodeSerfMessage(payload);
    return message.type === 'conflictResponse' ? message : undefined;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}
