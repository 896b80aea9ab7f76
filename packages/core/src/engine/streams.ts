import type { Connection } from '../net/connection.js';
import type { TransportInput } from '../serf/input.js';
import type { ExchangeId } from '../swim/input.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { Ping, PushPullState } from '../wire/messages.js';
import type { PacketSeal } from '../wire/packet.js';
import { AcceptedStreams } from './accepted-streams.js';
import type { Counters } from './counters.js';
import { DialledStreams, type UserStream } from './dialled-streams.js';
import { Exchanges } from './exchanges.js';
import type { KeyWatch } from './key-watch.js';
import type { Log } from './log.js';
import type { EngineMeasures } from './metrics/engine-measures.js';
import type { World } from './world.js';

export interface StreamOptions {
  readonly node: string;
  /** The life of one stream, from its first to its last moment. */
  readonly streamTimeoutMs: number;
  readonly seal: PacketSeal;
}

export interface StreamParts {
  readonly world: Pick<World, 'nowMs' | 'dial'>;
  readonly log: Log;
  readonly counters: Counters;
  readonly measures: EngineMeasures;
  readonly keyWatch: KeyWatch | undefined;
  /** Hands an input to the core; all its outputs are carried out when this returns. */
  readonly feed: (input: TransportInput) => void;
}

/** The streams of one node, dialled and accepted, and what the core says about them. */
export class Streams {
  readonly #parts: StreamParts;
  readonly #exchanges: Exchanges;
  readonly #dialled: DialledStreams;
  readonly #accepted: AcceptedStreams;

  constructor(options: StreamOptions, parts: StreamParts) {
    this.#parts = parts;
    this.#exchanges = new Exchanges(parts.feed);
    this.#dialled = new DialledStreams(options, parts, this.#exchanges);
    this.#accepted = new AcceptedStreams(options, parts, this.#exchanges);
  }

  /** Our state for an exchange: the request on a dialled stream, the answer on an accepted one. */
  stateFor(exchange: ExchangeId, state: PushPullState): void {
    this.#exchanges.stateFor(exchange, state);
  }

  merged(exchange: ExchangeId, refusal: string | undefined): void {
    this.#exchanges.merged(exchange, refusal);
  }

  /**
   * Exchanges states with `to`. `ignoreOld`: an application's join that wants no events of before it. Rejects with a
   * ConnectionError or an ExchangeError.
   */
  async pushPull(to: Endpoint, join: boolean, ignoreOld: boolean): Promise<void> {
    const { world, measures } = this.#parts;
    const startMs = world.nowMs();
    try {
      await this.#dialled.pushPull(to, join, ignoreOld);
    } finally {
      const nowMs = world.nowMs();
      measures.pushPulls.add(nowMs - startMs, nowMs);
    }
  }

  /** Sends this very ping over a stream and tells the core whether the right ack came back (spec/01 §10.3). */
  probe(to: Endpoint, ping: Ping, deadlineMs: number): Promise<void> {
    return this.#dialled.probe(to, ping, deadlineMs);
  }

  /** Sends a message of the layer above that no packet holds. Rejects for nothing that the other side can do. */
  sendUser(message: UserStream): Promise<void> {
    return this.#dialled.sendUser(message);
  }

  /** Reads one request, answers it and closes. Rejects for nothing that the other side can do. */
  accept(connection: Connection): Promise<void> {
    return this.#accepted.accept(connection);
  }
}
