import type { Connection } from '../net/connection.js';
import { joinHostPort } from '../net/host-port.js';
import type { TransportInput } from '../serf/input.js';
import { DecodeError } from '../wire/decode-error.js';
import type { Endpoint } from '../wire/endpoint.js';
import { encodeMessage } from '../wire/message-codec.js';
import type { Ping, PushPullState } from '../wire/messages.js';
import { encodeStreamUser, StreamDecoder, type StreamMessage, sealStream } from '../wire/stream.js';
import {
  ExchangeError,
  type Exchanges,
  isStreamFailure,
  sealLarge,
  sealState,
} from './exchanges.js';
import { printable } from './printable.js';
import type { StreamOptions, StreamParts } from './streams.js';

/** A message of the layer above for one member, without memberlist's type byte. */
export interface UserStream {
  readonly to: Endpoint;
  readonly node: string;
  readonly message: Uint8Array;
  /** Nobody wants it any more then. */
  readonly deadlineMs: number;
}

/** Messages that are being sent by stream at one time, and what they hold together; more are dropped and counted. */
const userStreamLimit = 64;
/** Those of them to one address: whoever asks for them and takes nothing must leave places for others. */
const userStreamsToOneLimit = 16;
const userStreamBytesLimit = 64 * 1024 * 1024;
/** Whoever asks for the message chooses its deadline, and must not keep places occupied for hours. */
const longestUserStreamMs = 60_000;

/** The streams that this node opens: one request each, and the answer to it (spec/01 §10.3). */
export class DialledStreams {
  readonly #options: StreamOptions;
  readonly #world: StreamParts['world'];
  readonly #feed: (input: TransportInput) => void;
  readonly #exchanges: Exchanges;
  readonly #parts: StreamParts;
  #userStreams = 0;
  readonly #userStreamsTo = new Map<string, number>();
  #userStreamBytes = 0;

  constructor(options: StreamOptions, parts: StreamParts, exchanges: Exchanges) {
    this.#options = options;
    this.#parts = parts;
    this.#world = parts.world;
    this.#feed = parts.feed;
    this.#exchanges = exchanges;
  }

  /**
   * Exchanges states with `to`. `ignoreOld`: an application's join that wants no events of before it. Rejects with a
   * ConnectionError or an ExchangeError.
   */
  async pushPull(to: Endpoint, join: boolean, ignoreOld: boolean): Promise<void> {
    const connection = await this.#world.dial(to, this.#options.streamTimeoutMs);
    const id = this.#exchanges.open();
    try {
      const exchange = this.#exchanges.feed(id, { type: 'pushPullReady', exchange: id, join });
      if (exchange.state === undefined) throw new ExchangeError('this node has left the cluster');
      const request = sealState(exchange.state, this.#options.seal, 'dialled');
      this.#parts.measures.localStateBytes = request.length;
      await connection.write(request);
      const state = await this.#readAnswer(connection);
      this.#exchanges.feed(id, {
        type: 'pushPullAnswer',
        exchange: id,
        join,
        state,
        ignoreOld,
      });
      if (exchange.refusal !== undefined) throw new ExchangeError(exchange.refusal);
    } finally {
      this.#exchanges.close(id);
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
    this.#feed({ type: 'streamProbeResult', sequence: ping.sequence, contact });
  }

  async #pingOver(to: Endpoint, ping: Ping, deadlineMs: number): Promise<boolean> {
    let connection: Connection | undefined;
    try {
      const leftMs = Math.max(0, deadlineMs - this.#world.nowMs());
      connection = await this.#world.dial(to, leftMs);
      await connection.write(sealStream(encodeMessage(ping), this.#options.seal, 'dialled'));
      const answer = await this.#readAsDialler(connection);
      return answer.type === 'ack' && answer.ack.sequence === ping.sequence;
    } catch (error) {
      if (!isStreamFailure(error)) throw error;
      return false;
    } finally {
      connection?.destroy();
    }
  }

  /** Nobody waits for it: what becomes of it is logged and counted. */
  async sendUser({ to, node, message, deadlineMs }: UserStream): Promise<void> {
    const { counters, log } = this.#parts;
    const where = `${printable(node)} (${joinHostPort(to.host, to.port)})`;
    const fail = (reason: string): void => {
      const text = `serf: Failed to send ${message.length} bytes to ${where} by stream: ${reason}`;
      log.write({ level: 'WARN', text, limit: 'user stream' });
    };
    if (!this.#hasRoomFor(to.host, message.length)) {
      counters.add('dropped_user_streams');
      fail(`${this.#userStreams} others are under way`);
      return;
    }
    this.#occupy(to.host, 1, message.length);
    let connection: Connection | undefined;
    try {
      const leftMs = Math.max(0, deadlineMs - this.#world.nowMs());
      connection = await this.#world.dial(to, Math.min(leftMs, longestUserStreamMs));
      const stream = sealLarge(encodeStreamUser(message), this.#options.seal, 'dialled');
      await connection.write(stream);
      connection.finish();
      counters.add('sent_user_streams');
    } catch (error) {
      connection?.destroy();
      if (!isStreamFailure(error)) throw error;
      counters.add('failed_user_streams');
      fail(error.message);
    } finally {
      this.#occupy(to.host, -1, -message.length);
    }
  }

  #hasRoomFor(host: string, bytes: number): boolean {
    return (
      this.#userStreams < userStreamLimit &&
      (this.#userStreamsTo.get(host) ?? 0) < userStreamsToOneLimit &&
      this.#userStreamBytes + bytes <= userStreamBytesLimit
    );
  }

  #occupy(host: string, streams: number, bytes: number): void {
    this.#userStreams += streams;
    this.#userStreamBytes += bytes;
    const toThisHost = (this.#userStreamsTo.get(host) ?? 0) + streams;
    if (toThisHost > 0) this.#userStreamsTo.set(host, toThisHost);
    else this.#userStreamsTo.delete(host);
  }

  async #readAsDialler(connection: Connection): Promise<StreamMessage> {
    const decoder = new StreamDecoder(this.#options.seal, 'dialling');
    let bytes = 0;
    for (;;) {
      const chunk = await connection.read();
      if (chunk === undefined) throw new ExchangeError(endOfAnswer(decoder.end()));
      bytes += chunk.length;
      const message = this.#readFrom(decoder, chunk, connection.remote);
      if (message === undefined) continue;
      if (message.type === 'pushPull') {
        this.#parts.measures.remoteStateBytes.add(bytes, this.#world.nowMs());
      }
      return message;
    }
  }

  #readFrom(decoder: StreamDecoder, chunk: Uint8Array, from: Endpoint): StreamMessage | undefined {
    const { keyWatch } = this.#parts;
    try {
      const message = decoder.push(chunk);
      if (message !== undefined) keyWatch?.opened(from, this.#world.nowMs());
      return message;
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      if (cause.code === 'WRONG_KEY') keyWatch?.failed(from, this.#world.nowMs());
      throw new ExchangeError(printable(cause.message), { cause });
    }
  }
}

/** Peers close without a word for many reasons; the likely ones are named, as nobody else will. */
function endOfAnswer(end: 'complete' | 'empty' | 'truncated'): string {
  return end === 'empty'
    ? 'EOF (closed without an answer: a node with another label or key, or no Serf node)'
    : 'unexpected EOF';
}
