import { DecodeError } from '../wire/decode-error.js';
import { longestNameBytes } from '../wire/member-name.js';
import { decodeSerfMessage } from '../wire/serf-codec.js';
import { serfMessageType } from '../wire/serf-message-type.js';
import type { SerfMessage } from '../wire/serf-messages.js';
import type { Intents } from './intents.js';
import type { SerfOutput } from './output.js';
import type { Queries } from './queries.js';
import type { QueryCollectors } from './query-collectors.js';
import type { Relays } from './relays.js';
import type { StateExchange, StateOrigin } from './state-exchange.js';
import type { UserEvents } from './user-events.js';

export interface MessageRouterParts {
  readonly intents: Intents;
  readonly events: UserEvents;
  readonly queries: Queries;
  readonly collectors: QueryCollectors;
  readonly relays: Relays;
  readonly exchange: StateExchange;
  readonly emit: (output: SerfOutput) => void;
  /** Counts and reports a message that cannot be read or believed. */
  readonly refuse: (detail: string) => void;
}

/** What gossip can carry. Answers alone may come by stream, and be longer (spec/03 §14.5). */
const packetLimitBytes = 65_507;

/** Reads what comes for the Serf layer and hands each kind to whom it concerns (spec/03 §4). */
export class MessageRouter {
  readonly #parts: MessageRouterParts;

  constructor(parts: MessageRouterParts) {
    this.#parts = parts;
  }

  /** One message by itself. What is passed on goes out as it came in, fields that we do not know included. */
  receive(body: Uint8Array, nowMs: number): void {
    if (body.length === 0) return;
    const { intents, events, queries, collectors, relays, refuse, emit } = this.#parts;
    if (body.length > packetLimitBytes && body[0] !== serfMessageType.queryResponse) {
      refuse(`a message of type ${body[0]} has ${body.length} bytes, more than a packet holds`);
      return;
    }
    const message = this.#decode(body);
    if (message === undefined) return;
    switch (message.type) {
      case 'join':
      case 'leave':
        intents.receive(message, body, nowMs);
        break;
      case 'userEvent':
        events.receive(message, body);
        break;
      case 'query':
        queries.receive(message, body, nowMs);
        break;
      case 'queryResponse': {
        const { type: kind, from: name } = message;
        if (name.length > longestNameBytes) {
          refuse(`an answer of a name of ${name.length} letters, more than any member's`);
          break;
        }
        emit({ type: 'report', code: 'messageReceived', kind, name });
        collectors.receive(message, nowMs);
        break;
      }
      case 'relay':
        relays.forward(message);
        break;
      case 'state':
      case 'conflictResponse':
      case 'keyRequest':
      case 'keyResponse':
        refuse(`a message of the kind ${message.type} does not travel by itself`);
        break;
      default:
        message satisfies never;
    }
  }

  /** The Serf layer's part of a push/pull. */
  mergeState(bytes: Uint8Array, origin: StateOrigin, nowMs: number): void {
    const message = this.#decode(bytes);
    if (message === undefined) return;
    if (message.type === 'state') this.#parts.exchange.merge(message, origin, nowMs);
    else this.#parts.refuse(`a push/pull carries a message of the kind ${message.type}`);
  }

  #decode(body: Uint8Array): SerfMessage | undefined {
    try {
      return decodeSerfMessage(body);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#parts.refuse(error.message);
      return undefined;
    }
  }
}
