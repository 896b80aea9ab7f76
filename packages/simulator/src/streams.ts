import {
  decodeMessage,
  decodePushPull,
  type Endpoint,
  type ExchangeId,
  encodeMessage,
  encodePushPull,
  type Ping,
  type PushPullState,
} from '@tserf/core/pure';
import type { Host } from './host.js';
import type { Network } from './network.js';
import type { VirtualTime } from './virtual-time.js';

/** The first wait of a sender whose segment stayed unanswered; it doubles each time, as in TCP. */
const firstRetransmissionMs = 200;

/** One connection. It ends when its work is done, when it is refused, or at its deadline. */
interface Stream {
  readonly dialler: End;
  readonly deadlineMs: number;
  readonly ended: (outcome: StreamEnd) => void;
  isOpen: boolean;
}

type StreamEnd = 'done' | 'refused' | 'timeout';

/** One side of a stream: a host, in the life that it had when the stream began. */
interface End {
  readonly host: Host;
  readonly life: number;
}

/** What a push/pull is known by on one side of its stream. */
interface Exchange {
  readonly stream: Stream;
  readonly own: End;
  readonly other: End;
  readonly join: boolean;
  /** The dialling side's number, so that the answer finds it. */
  readonly dialled: ExchangeId;
  readonly merged: (refusal: string | undefined) => void;
}

/**
 * Connections between hosts. Dialling takes a round trip; a process that is down refuses; a silent machine or a cut lets
 * the dialler wait for its deadline; lost segments come later. What travels is really encoded and decoded.
 */
export class Streams {
  readonly #time: VirtualTime;
  readonly #network: Network;
  readonly #hostAt: (endpoint: Endpoint) => Host | undefined;
  readonly #exchanges = new Map<ExchangeId, Exchange>();
  #lastExchange = 0;

  constructor(
    time: VirtualTime,
    network: Network,
    hostAt: (endpoint: Endpoint) => Host | undefined,
  ) {
    this.#time = time;
    this.#network = network;
    this.#hostAt = hostAt;
  }

  /** Dials for a push/pull; `finished` hears, once, whether the other side's state came and was taken. */
  pushPull(
    host: Host,
    to: Endpoint,
    join: boolean,
    finished: (success: boolean) => void = () => undefined,
  ): void {
    const deadlineMs = this.#time.nowMs + host.streamTimeoutMs;
    let success = false;
    let dialled: ExchangeId | undefined;
    const ended = (): void => {
      if (dialled !== undefined) this.#exchanges.delete(dialled);
      finished(success);
    };
    this.#dial(host, to, { deadlineMs, ended }, (stream, other) => {
      this.#lastExchange += 1;
      dialled = this.#lastExchange;
      const merged = (refusal: string | undefined): void => {
        success = refusal === undefined;
        this.#end(stream, 'done');
      };
      this.#exchanges.set(dialled, { stream, own: stream.dialler, other, join, dialled, merged });
      host.feed({ type: 'pushPullReady', exchange: dialled, join });
    });
  }

  /** Carries a node's state to the other end of an exchange. */
  sendState(id: ExchangeId, state: PushPullState): void {
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    const bytes = encodePushPull(state);
    exchange.own.host.trace(bytes);
    this.#leg(exchange.stream, exchange.own, exchange.other, () => {
      // The first byte is the message's type, which a reader of streams takes for itself.
      const arrived = decodePushPull(bytes.subarray(1));
      if (id === exchange.dialled) this.#takeRequest(exchange, arrived);
      else this.#takeAnswer(exchange, arrived);
    });
  }

  /** A node has merged, or refused, what an exchange brought. */
  merged(id: ExchangeId, refusal: string | undefined): void {
    this.#exchanges.get(id)?.merged(refusal);
  }

  /** Pings over a stream; the result is an input of the host, unless the deadline passes without one. */
  probe(host: Host, to: Endpoint, ping: Ping, deadlineMs: number): void {
    const report = (contact: boolean): void =>
      host.feed({ type: 'streamProbeResult', sequence: ping.sequence, contact });
    const { life } = host;
    const ended = (outcome: StreamEnd): void => {
      if (outcome === 'refused') host.whenRunning(life, () => report(false));
    };
    this.#dial(host, to, { deadlineMs, ended }, (stream, target) => {
      const bytes = encodeMessage(ping);
      this.#leg(stream, stream.dialler, target, () => {
        const arrived = decodeMessage(bytes);
        if (arrived.type !== 'ping' || arrived.node !== target.host.name) return;
        const answer = encodeMessage({
          type: 'ack',
          sequence: arrived.sequence,
          payload: undefined,
        });
        this.#leg(stream, target, stream.dialler, () => {
          const ack = decodeMessage(answer);
          this.#end(stream, 'done');
          report(ack.type === 'ack' && ack.sequence === ping.sequence);
        });
      });
    });
  }

  /** One message of the Serf layer, best effort. */
  sendUser(host: Host, to: Endpoint, body: Uint8Array): void {
    host.trace(body);
    const deadlineMs = this.#time.nowMs + host.streamTimeoutMs;
    const from = host.endpoint;
    this.#dial(host, to, { deadlineMs, ended: () => undefined }, (stream, target) => {
      this.#leg(stream, stream.dialler, target, () => {
        this.#end(stream, 'done');
        const message = { type: 'user', body } as const;
        target.host.feed({ type: 'message', message, from, via: 'stream' });
      });
    });
  }

  #takeRequest(exchange: Exchange, state: PushPullState): void {
    this.#lastExchange += 1;
    const accepted = this.#lastExchange;
    const { host } = exchange.other;
    this.#exchanges.set(accepted, {
      ...exchange,
      own: exchange.other,
      other: exchange.own,
      merged: () => this.#exchanges.delete(accepted),
    });
    const from = { host: exchange.own.host.endpoint.host, port: ephemeralPort(accepted) };
    host.feed({ type: 'pushPullRequest', exchange: accepted, state, from });
  }

  #takeAnswer(exchange: Exchange, state: PushPullState): void {
    const { dialled, join } = exchange;
    exchange.other.host.feed({ type: 'pushPullAnswer', exchange: dialled, join, state });
  }

  #dial(
    host: Host,
    to: Endpoint,
    how: Pick<Stream, 'deadlineMs' | 'ended'>,
    connected: (stream: Stream, accepter: End) => void,
  ): void {
    const target = this.#hostAt(to);
    const dialler = { host, life: host.life };
    const stream: Stream = { dialler, ...how, isOpen: true };
    this.#time.at(how.deadlineMs, () => this.#end(stream, 'timeout'));
    // Nobody has this address: nobody answers.
    if (target === undefined) return;
    this.#segment(stream, host, target, () => {
      if (target.isSilent) return;
      const accepter = target.isUp ? { host: target, life: target.life } : undefined;
      this.#segment(stream, target, host, () => {
        if (accepter === undefined) this.#end(stream, 'refused');
        else host.whenRunning(dialler.life, () => stream.isOpen && connected(stream, accepter));
      });
    });
  }

  /**
   * One segment whose arrival is work for the receiving process: it waits while that is paused, and closes what it has no
   * key for.
   */
  #leg(stream: Stream, from: End, to: End, arrive: () => void): void {
    const primary = from.host.keyring?.primary;
    this.#segment(stream, from.host, to.host, () =>
      to.host.whenRunning(to.life, () => {
        if (!stream.isOpen) return;
        if (primary === undefined || to.host.keyring?.has(primary)) arrive();
        else this.#end(stream, 'refused');
      }),
    );
  }

  /** One segment, sent again until it gets through or the stream ends. */
  #segment(
    stream: Stream,
    from: Host,
    to: Host,
    arrive: () => void,
    retransmissionMs = firstRetransmissionMs,
  ): void {
    if (!stream.isOpen) return;
    const isCut = this.#network.cutBetween(from.name, to.name) !== undefined;
    const delayMs = isCut ? undefined : this.#network.segment();
    if (delayMs !== undefined) {
      this.#time.at(this.#time.nowMs + delayMs, () => stream.isOpen && arrive());
      return;
    }
    this.#time.at(this.#time.nowMs + retransmissionMs, () =>
      this.#segment(stream, from, to, arrive, 2 * retransmissionMs),
    );
  }

  #end(stream: Stream, outcome: StreamEnd): void {
    if (!stream.isOpen) return;
    stream.isOpen = false;
    stream.ended(outcome);
  }
}

/** Accepted connections come from somewhere else than the port that the dialler listens on. */
function ephemeralPort(exchange: ExchangeId): number {
  return 32_768 + (exchange % 28_000);
}
