import type { Connection } from '../net/connection.js';
import { joinHostPort } from '../net/host-port.js';
import { DecodeError } from '../wire/decode-error.js';
import { encodeMessage } from '../wire/message-codec.js';
import type { Ping, PushPullState } from '../wire/messages.js';
import {
  encodeErrorReply,
  StreamDecodeError,
  StreamDecoder,
  type StreamMessage,
  sealStream,
} from '../wire/stream.js';
import { ExchangeError, type Exchanges, isStreamFailure, sealState } from './exchanges.js';
import { printable } from './printable.js';
import type { StreamOptions, StreamParts } from './streams.js';

/** Accepted streams at one time, whatever they carry; more are closed at once and counted. */
export const acceptedLimit = 512;

/** Push/pulls in progress on accepted streams; spec/01 §12. */
export const exchangeLimit = 127;

/** What all accepted streams together may have sent before their messages are complete. */
const acceptedBytesLimit = 64 * 1024 * 1024;

/** The streams that others open: each is read, answered at most once and closed (spec/01 §10.2). */
export class AcceptedStreams {
  readonly #options: StreamOptions;
  readonly #parts: StreamParts;
  readonly #exchanges: Exchanges;
  #accepted = 0;
  #acceptedExchanges = 0;
  #acceptedBytes = 0;

  constructor(options: StreamOptions, parts: StreamParts, exchanges: Exchanges) {
    this.#options = options;
    this.#parts = parts;
    this.#exchanges = exchanges;
  }

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
        if (message === undefined) continue;
        const nowMs = this.#parts.world.nowMs();
        this.#parts.keyWatch?.opened(connection.remote, nowMs);
        if (message.type === 'pushPull') this.#parts.measures.remoteStateBytes.add(bytes, nowMs);
        return message;
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
    const id = this.#exchanges.open();
    this.#acceptedExchanges += 1;
    try {
      const from = connection.remote;
      const exchange = this.#exchanges.feed(id, {
        type: 'pushPullRequest',
        exchange: id,
        state,
        from,
      });
      if (exchange.refusal !== undefined) {
        const refusal = printable(exchange.refusal);
        this.#warn('ERR', `Failed push/pull merge: ${refusal}`, connection);
      }
      if (exchange.state !== undefined) {
        const answer = sealState(exchange.state, this.#options.seal, 'accepted');
        this.#parts.measures.localStateBytes = answer.length;
        await connection.write(answer);
      }
      connection.finish();
    } finally {
      this.#acceptedExchanges -= 1;
      this.#exchanges.close(id);
    }
  }

  async #answerPing(connection: Connection, ping: Ping): Promise<void> {
    if (ping.node !== '' && ping.node !== this.#options.node) {
      this.#warn('WARN', `Got ping for unexpected node ${printable(ping.node)}`, connection);
      connection.destroy();
      return;
    }
    const ack = { type: 'ack', sequence: ping.sequence, payload: undefined } as const;
    await connection.write(this.#sealed(encodeMessage(ack)));
    connection.finish();
  }

  async #refuse(connection: Connection, error: unknown): Promise<void> {
    if (!isStreamFailure(error)) {
      connection.destroy();
      throw error;
    }
    if (error instanceof DecodeError) {
      const { counters, keyWatch, world } = this.#parts;
      counters.add(`refused_stream_${error.code}`);
      if (error.code === 'WRONG_KEY') keyWatch?.failed(connection.remote, world.nowMs());
      this.#warn('ERR', `failed to receive: ${printable(error.message)}`, connection);
    } else if (error instanceof ExchangeError) {
      this.#warn('ERR', error.message, connection);
    }
    if (!(error instanceof StreamDecodeError && error.replyDue)) {
      connection.destroy();
      return;
    }
    const reply = this.#sealed(encodeErrorReply(error.message));
    await connection.write(reply).then(
      () => connection.finish(),
      () => connection.destroy(),
    );
  }

  #warn(level: 'WARN' | 'ERR', text: string, { remote }: Connection): void {
    const line = `memberlist: ${text} from=${joinHostPort(remote.host, remote.port)}`;
    this.#parts.log.write({ level, text: line, limit: 'refused stream' });
  }

  #sealed(message: Uint8Array): Uint8Array {
    return sealStream(message, this.#options.seal, 'accepted');
  }
}
