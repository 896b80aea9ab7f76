import { type Connection, ConnectionError } from '../net/connection.js';
import { joinHostPort } from '../net/host-port.js';
import type { TransportInput } from '../serf/input.js';
import type { ExchangeId } from '../swim/input.js';
import { DecodeError } from '../wire/decode-error.js';
import type { Endpoint } from '../wire/endpoint.js';
import { encodeMessage } from '../wire/message-codec.js';
import type { Ping, PushPullState } from '../wire/messages.js';
import type { PacketSeal } from '../wire/packet.js';
import { encodePushPull } from '../wire/push-pull.js';
import {
  encodeErrorReply,
  StreamDecodeError,
  StreamDecoder,
  type StreamMessage,
  sealStream,
} from '../wire/stream.js';
import type { Counters } from './counters.js';
import type { Log } from './log.js';
import { printable } from './printable.js';
import type { World } from './world.js';

/** An exchange of states that did not come to its end; the message goes behind `failed to join …: `. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
}

export interface StreamOptions {
  readonly node: string;
  /** The life of one stream, from its first to its last moment. */
  readonly streamTimeoutMs: number;
  readonly seal: PacketSeal;
}

export interface StreamParts {
  readonly world: World;
  readonly log: Log;
  readonly counters: Counters;
  /** Hands an input to the core; all its outputs are carried out when this returns. */
  readonly feed: (input: TransportInput) => void;
}

/** Accepted streams at one time, whatever they carry; more are closed at once and counted. */
export const acceptedLimit = 512;

/** Push/pulls in progress on accepted streams; spec/01 §12. */
export const exchangeLimit = 127;

/** What all accepted streams together may have sent before their messages are complete. */
export const acceptedBytesLimit = 64 * 1024 * 1024;

/**
 * A larger state is sent as it is, which every receiver takes: packing the list of ten thousand members would hold up
 * probes for a tenth of a second.
 */
export const compressedLimitBytes = 128 * 1024;

/** What the core said about one exchange while it handled its inputs. */
interface Exchange {
  state: PushPullState | undefined;
  refusal: string | undefined;
}

/** The streams of one node, dialled and accepted: one request each, answered at most once (spec/01 §10). */
export class Streams {
  readonly #options: StreamOptions;
  readonly #parts: StreamParts;
  readonly #exchanges = new Map<ExchangeId, Exchange>();
  #lastExchange = 0;
  #accepted = 0;
  #acceptedExchanges = 0;
  #acceptedBytes = 0;

  constructor(options: StreamOptions, parts: StreamParts) {
    this.#options = options;
    this.#parts = parts;
  }

  // ── What the core says of an exchange ──────────────────────────────────────────────────────────────────────────

  /** Our state for an exchange: the request on a dialled stream, the answer on an accepted one. */
  stateFor(exchange: ExchangeId, state: PushPullState): void {
    const open = this.#exchanges.get(exchange);
    if (open !== undefined) open.state = state;
  }

  merged(exchange: ExchangeId, refusal: string | undefined): void {
    const open = this.#exchanges.get(exchange);
    if (open !== undefined) open.refusal = refusal;
  }

  // ── Dialled streams ────────────────────────────────────────────────────────────────────────────────────────────

  /** Exchanges states with `to`. Rejects with a ConnectionError or an ExchangeError. */
  async pushPull(to: Endpoint, join: boolean): Promise<void> {
    const connection = await this.#parts.world.dial(to, this.#options.streamTimeoutMs);
    const id = this.#openExchange();
    try {
      const exchange = this.#feed(id, { type: 'pushPullReady', exchange: id, join });
      if (exchange.state === undefined) throw new ExchangeError('this node has left the cluster');
      await connection.write(this.#sealedState(exchange.state, 'dialled'));
      const state = await this.#readAnswer(connection);
      this.#feed(id, { type: 'pushPullAnswer', exchange: id, join, state });
      if (exchange.refusal !== undefined) throw new ExchangeError(exchange.refusal);
    } finally {
      this.#exchanges.delete(id);
      connection.destroy();
    }
  }

  async #readAnswer(connection: Connection): Promise<PushPullState> {
    const answer = await this.#readAsDialler(connection);
    switch (answer.type) {
      case 'pushPull':
        return answer.state;
      case 'error':
        throw new ExchangeError(`remote error: ${printable(answer.error)}`);
      default:
        throw new ExchangeError(`a message of the kind ${answer.type} instead of the state`);
    }
  }

  /** Sends this very ping over a stream and tells the core whether the right ack came back (spec/01 §10.3). */
  async probe(to: Endpoint, ping: Ping, deadlineMs: number): Promise<void> {
    const contact = await this.#pingOver(to, ping, deadlineMs);
    this.#parts.feed({ type: 'streamProbeResult', sequence: ping.sequence, contact });
  }

  async #pingOver(to: Endpoint, ping: Ping, deadlineMs: number): Promise<boolean> {
    let connection: Connection | undefined;
    try {
      const leftMs = Math.max(0, deadlineMs - this.#parts.world.nowMs());
      connection = await this.#parts.world.dial(to, leftMs);
      await connection.write(this.#sealed(encodeMessage(ping), 'dialled'));
      const answer = await this.#readAsDialler(connection);
      return answer.type === 'ack' && answer.ack.sequence === ping.sequence;
    } catch (error) {
      if (!isStreamFailure(error)) throw error;
      return false;
    } finally {
      connection?.destroy();
    }
  }

  async #readAsDialler(connection: Connection): Promise<StreamMessage> {
    const decoder = new StreamDecoder(this.#options.seal, 'dialling');
    for (;;) {
      const chunk = await connection.read();
      if (chunk === undefined) throw new ExchangeError(endOfAnswer(decoder.end()));
      const message = readFrom(decoder, chunk);
      if (message !== undefined) return message;
    }
  }

  // ── Accepted streams ───────────────────────────────────────────────────────────────────────────────────────────

  /** Reads one request, answers it and closes. Rejects for nothing that the other side can do. */
  async accept(connection: Connection): Promise<void> {
    if (this.#accepted >= acceptedLimit) {
      this.#parts.counters.add('dropped_streams');
      connection.destroy();
      return;
    }
    const { log } = this.#parts;
    const from = joinHostPort(connection.remote.host, connection.remote.port);
    log.write({
      level: 'DEBUG',
      text: `memberlist: Stream connection from=${from}`,
      limit: 'stream',
    });
    this.#accepted += 1;
    try {
      const request = await this.#readRequest(connection);
      if (request === undefined) connection.destroy();
      else await this.#answer(connection, request);
    } catch (error) {
      await this.#refuse(connection, error);
    } finally {
      this.#accepted -= 1;
    }
  }

  /** `undefined` when the stream ended before its request was complete, or took more than its share. */
  async #readRequest(connection: Connection): Promise<StreamMessage | undefined> {
    const decoder = new StreamDecoder(this.#options.seal, 'accepting');
    let bytes = 0;
    try {
      for (;;) {
        const chunk = await connection.read();
        if (chunk === undefined) {
          if (decoder.end() === 'truncated') this.#parts.counters.add('refused_stream_TRUNCATED');
          return undefined;
        }
        bytes += chunk.length;
        this.#acceptedBytes += chunk.length;
        if (this.#acceptedBytes > acceptedBytesLimit) {
          this.#parts.counters.add('dropped_streams');
          return undefined;
        }
        const message = decoder.push(chunk);
        if (message !== undefined) return message;
      }
    } finally {
      this.#acceptedBytes -= bytes;
    }
  }

  async #answer(connection: Connection, request: StreamMessage): Promise<void> {
    switch (request.type) {
      case 'pushPull':
        await this.#answerPushPull(connection, request.state);
        break;
      case 'ping':
        await this.#answerPing(connection, request.ping);
        break;
      case 'user': {
        const message = { type: 'user', body: request.body } as const;
        if (request.body.length > 0) {
          this.#parts.feed({ type: 'message', message, from: connection.remote, via: 'stream' });
        }
        connection.destroy();
        break;
      }
      case 'ack':
      case 'error':
        this.#warn('ERR', `Received invalid msgType (${request.type})`, connection);
        connection.destroy();
        break;
      default:
        request satisfies never;
    }
  }

  async #answerPushPull(connection: Connection, state: PushPullState): Promise<void> {
    if (this.#acceptedExchanges >= exchangeLimit) {
      this.#parts.counters.add('dropped_push_pulls');
      this.#warn('ERR', 'Too many pending push/pull requests', connection);
      connection.destroy();
      return;
    }
    const id = this.#openExchange();
    this.#acceptedExchanges += 1;
    try {
      const from = connection.remote;
      const exchange = this.#feed(id, { type: 'pushPullRequest', exchange: id, state, from });
      if (exchange.refusal !== undefined) {
        const refusal = printable(exchange.refusal);
        this.#warn('ERR', `Failed push/pull merge: ${refusal}`, connection);
      }
      if (exchange.state !== undefined) {
        await connection.write(this.#sealedState(exchange.state, 'accepted'));
      }
      connection.finish();
    } finally {
      this.#acceptedExchanges -= 1;
      this.#exchanges.delete(id);
    }
  }

  async #answerPing(connection: Connection, ping: Ping): Promise<void> {
    if (ping.node !== '' && ping.node !== this.#options.node) {
      this.#warn('WARN', `Got ping for unexpected node ${printable(ping.node)}`, connection);
      connection.destroy();
      return;
    }
    const ack = { type: 'ack', sequence: ping.sequence, payload: undefined } as const;
    await connection.write(this.#sealed(encodeMessage(ack), 'accepted'));
    connection.finish();
  }

  async #refuse(connection: Connection, error: unknown): Promise<void> {
    if (!isStreamFailure(error)) {
      connection.destroy();
      throw error;
    }
    if (error instanceof DecodeError) {
      this.#parts.counters.add(`refused_stream_${error.code}`);
      this.#warn('ERR', `failed to receive: ${printable(error.message)}`, connection);
    } else if (error instanceof ExchangeError) {
      this.#warn('ERR', error.message, connection);
    }
    if (!(error instanceof StreamDecodeError && error.replyDue)) {
      connection.destroy();
      return;
    }
    const reply = this.#sealed(encodeErrorReply(error.message), 'accepted');
    await connection.write(reply).then(
      () => connection.finish(),
      () => connection.destroy(),
    );
  }

  #warn(level: 'WARN' | 'ERR', text: string, { remote }: Connection): void {
    const line = `memberlist: ${text} from=${joinHostPort(remote.host, remote.port)}`;
    this.#parts.log.write({ level, text: line, limit: 'refused stream' });
  }

  // ── Both ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #openExchange(): ExchangeId {
    this.#lastExchange += 1;
    this.#exchanges.set(this.#lastExchange, { state: undefined, refusal: undefined });
    return this.#lastExchange;
  }

  /** What the core says about an exchange, it says while it handles this input. */
  #feed(id: ExchangeId, input: TransportInput): Exchange {
    this.#parts.feed(input);
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) throw new Error(`exchange ${id} ended while it was fed`);
    return exchange;
  }

  /** A list beyond what Serf takes cannot be sent; no other node could hold such a list either. */
  #sealedState(state: PushPullState, direction: 'dialled' | 'accepted'): Uint8Array {
    try {
      const message = encodePushPull(state);
      const { seal } = this.#options;
      const isLarge = message.length > compressedLimitBytes;
      return sealStream(message, isLarge ? { ...seal, compression: false } : seal, direction);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new ExchangeError(`this node's state cannot be sent: ${cause.message}`, { cause });
    }
  }

  #sealed(message: Uint8Array, direction: 'dialled' | 'accepted'): Uint8Array {
    return sealStream(message, this.#options.seal, direction);
  }
}

/** Whether the other side, or the way to it, is at fault. Anything else is a fault of ours. */
export function isStreamFailure(
  error: unknown,
): error is ConnectionError | ExchangeError | DecodeError {
  return (
    error instanceof ConnectionError ||
    error instanceof ExchangeError ||
    error instanceof DecodeError
  );
}

function readFrom(decoder: StreamDecoder, chunk: Uint8Array): StreamMessage | undefined {
  try {
    return decoder.push(chunk);
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw new ExchangeError(printable(cause.message), { cause });
  }
}

/** Peers close without a word for many reasons; the likely ones are named, as nobody else will. */
function endOfAnswer(end: 'complete' | 'empty' | 'truncated'): string {
  return end === 'empty'
    ? 'EOF (closed without an answer: a node with another label or key, or no Serf node)'
    : 'unexpected EOF';
}
