import type { Endpoint } from '../wire/endpoint.js';
import type { Ping } from '../wire/messages.js';
import type { Token } from './input.js';
import type { Random } from './random.js';
import { randomIndex } from './random-choice.js';

/** A ping that waits for its ack; what becomes of the ack depends on why it was sent. */
export type OpenPing =
  /** This node's own probe round. */
  | { readonly type: 'probe' }
  /** Sent for somebody else, who gets an ack or a nack under its own number. */
  | {
      readonly type: 'relay';
      readonly requester: Endpoint;
      readonly requesterSequence: number;
      nackIsDue: boolean;
    }
  /** Sent because the layer above asked for it. */
  | {
      readonly type: 'onDemand';
      readonly token: Token;
      readonly sentMs: number;
      readonly to: Endpoint;
      readonly ping: Omit<Ping, 'sequence'>;
      /** Whether a stream is still to be tried. */
      triesStream: boolean;
    };

/** Pings for others under way at once; a flood of requests must not grow the table. */
const relayLimit = 4_096;
const onDemandLimit = 1_024;

/**
 * Every ping of this node that is still open, by sequence number. The first number is random: acks aren't tied to a
 * sender, so a number that can be guessed could be answered by anyone (spec/02 §11.4).
 */
export class OpenPings {
  readonly #open = new Map<number, OpenPing>();
  readonly #counts = { probe: 0, relay: 0, onDemand: 0 };
  #lastSequence: number;

  constructor(random: Random) {
    this.#lastSequence = randomIndex(2 ** 32, random);
  }

  get size(): number {
    return this.#open.size;
  }

  /** Whether one more of a type that others can ask for has room. */
  hasRoomFor(type: 'relay' | 'onDemand'): boolean {
    return this.#counts[type] < (type === 'relay' ? relayLimit : onDemandLimit);
  }

  /** Opens a ping and returns its sequence number. */
  open(ping: OpenPing): number {
    do {
      this.#lastSequence = (this.#lastSequence + 1) >>> 0;
    } while (this.#open.has(this.#lastSequence));
    this.#open.set(this.#lastSequence, ping);
    this.#counts[ping.type] += 1;
    return this.#lastSequence;
  }

  get(sequence: number): OpenPing | undefined {
    return this.#open.get(sequence);
  }

  close(sequence: number): void {
    const ping = this.#open.get(sequence);
    if (ping === undefined) return;
    this.#open.delete(sequence);
    this.#counts[ping.type] -= 1;
  }
}
