import type { Random } from '../swim/random.js';
import { choose } from '../swim/random-choice.js';
import { type Endpoint, endpointOf } from '../wire/endpoint.js';
import { encodeSerfMessage } from '../wire/serf-codec.js';
import type { QueryMessage, QueryResponse } from '../wire/serf-messages.js';
import type { Members } from './members.js';
import type { SerfOptions } from './options.js';
import type { SerfOutput } from './output.js';

export interface AnswersParts {
  readonly self: string;
  readonly members: Members;
  readonly random: Random;
  readonly emit: (output: SerfOutput) => void;
  /** Sends one message of the Serf layer straight to a node, best effort. */
  readonly send: (to: Endpoint, node: string, body: Uint8Array) => void;
  /** Takes an answer to a query of this node's own. */
  readonly deliver: (response: QueryResponse) => void;
}

export type AnswersOptions = Pick<
  SerfOptions,
  'queryResponseSizeLimit' | 'queryResponseStreamLimit'
>;

/** A query that came, and until when an answer to it counts. */
export interface ReceivedQuery extends QueryMessage {
  readonly deadlineMs: number;
}

/** Whom a query's answers go to. */
export type Asked = Pick<
  ReceivedQuery,
  'ltime' | 'id' | 'address' | 'port' | 'sourceNode' | 'relayFactor' | 'deadlineMs'
>;

/** Bit of a response's `flags`: it is an ack. */
const ackFlag = 1;

/** Beyond this a datagram of IPv4 has no room for an answer and what is put around it. */
const packetLimitBytes = 60_000;

/** The memberlist version from which a member relays (spec/03 §14.8). */
const relayingVersion = 5;

/** Sends this node's acks and answers to whoever asks, and copies of them through others (spec/03 §14.5, §14.8). */
export class Answers {
  readonly #options: AnswersOptions;
  readonly #parts: AnswersParts;

  constructor(options: AnswersOptions, parts: AnswersParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** "Received, and addressed to me". */
  ack(asked: Asked): void {
    this.#send(asked, this.#response(asked, ackFlag, undefined));
  }

  /** What an answer would be on its way, type byte included. */
  encode(asked: Asked, payload: Uint8Array): Uint8Array {
    return encodeSerfMessage(this.#response(asked, 0, payload));
  }

  /** Sends an answer; returns why it cannot be sent, in Serf's words. */
  respond(asked: Asked, payload: Uint8Array | undefined): string | undefined {
    const response = this.#response(asked, 0, payload);
    const { queryResponseSizeLimit, queryResponseStreamLimit } = this.#options;
    const limit = Math.max(queryResponseSizeLimit, queryResponseStreamLimit);
    const encoded = encodeSerfMessage(response);
    if (encoded.length > limit) return `response exceeds limit of ${limit} bytes`;
    this.#send(asked, response, encoded);
    return undefined;
  }

  #response(asked: Asked, flags: number, payload: Uint8Array | undefined): QueryResponse {
    const { ltime, id } = asked;
    return { type: 'queryResponse', ltime, id, from: this.#parts.self, flags, payload };
  }

  #send(asked: Asked, response: QueryResponse, encoded = encodeSerfMessage(response)): void {
    const { self, members, emit, send, deliver } = this.#parts;
    const to = endpointOf(asked.address, asked.port);
    if (to === undefined) return;
    const own = members.get(self)?.endpoint;
    if (own !== undefined && isSame(to, own)) {
      deliver(response);
    } else if (encoded.length > Math.min(this.#options.queryResponseSizeLimit, packetLimitBytes)) {
      const { sourceNode: node, deadlineMs } = asked;
      emit({ type: 'streamUser', to, node, message: encoded, deadlineMs });
    } else {
      send(to, asked.sourceNode, encoded);
      if (asked.relayFactor > 0) this.#relay(asked, to, encoded);
    }
  }

  /** Asks others to carry a copy each: the way to whoever asks may be broken for us alone. */
  #relay(asked: Asked, to: Endpoint, inner: Uint8Array): void {
    const { self, members, random, emit, send } = this.#parts;
    const { address, port, sourceNode: node, relayFactor } = asked;
    if (members.size < relayFactor + 1) return;
    const message = encodeSerfMessage({ type: 'relay', address, port, zone: '', node, inner });
    const limit = this.#options.queryResponseSizeLimit;
    if (message.length > limit) {
      emit({ type: 'report', code: 'relayTooLarge', limit });
      return;
    }
    const relays = choose(
      relayFactor,
      members.all(),
      ({ name, status, endpoint, versions }) =>
        status === 'alive' &&
        name !== self &&
        versions.protocolMax >= relayingVersion &&
        !isSame(endpoint, to),
      random,
    );
    for (const relay of relays) send(relay.endpoint, relay.name, message);
  }
}

export function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.host === other.host && one.port === other.port;
}
