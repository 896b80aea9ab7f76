import type { Socket } from 'node:net';
import { MsgpackReader, ObjectScanner } from '@tserf/core/msgpack';
import { startDeadline } from './deadline.js';
import type { Answer, Link, RecordSink, Unsubscribe } from './link.js';
import type { Codec, Unsigned64 } from './protocol/codec.js';
import { type CommandName, commands, type ReplyOf, type RequestOf } from './protocol/commands.js';
import { type ResponseHeader, tryResponseHeader } from './protocol/header.js';
import { encodeRequest } from './protocol/message.js';
import { bodilessRefusals } from './protocol/refusals.js';
import { RpcError } from './rpc-error.js';

/** A member list of a large cluster is one object: some 7 MB for 10,000 members with all the tags they may have. */
const objectLimits = { maxBytes: 64 * 1024 * 1024, maxDepth: 32 };

/** Serf's own limit for getting a request out. */
const writeTimeoutMs = 10_000;

/** Someone waits for objects that carry a certain `Seq`. */
type Waiting = PendingReply | Subscription;

interface PendingReply {
  readonly type: 'reply';
  readonly codec: Codec<unknown> | undefined;
  resolve(answer: Answer<unknown>): void;
  reject(error: RpcError): void;
}

interface Subscription {
  readonly type: 'subscription';
  /** The first header is the agent's yes or no; later ones announce a record. */
  acknowledged: boolean;
  acknowledge(error: string): void;
  readonly sink: RecordSink;
  end(error: RpcError | undefined): void;
}

/** What stands between a header and its body. */
interface Expected {
  readonly header: ResponseHeader;
  /** Undefined when nobody waits for the body: it is skipped. */
  readonly waiting: Waiting | undefined;
}

/** One connection: gives every object that comes in to whoever asked for it (spec/05 §16). */
export class Connection implements Link {
  readonly #socket: Socket;
  readonly #replyTimeoutMs: number | undefined;
  /** Resolves when the connection is of no use any more, whoever ended it. */
  readonly ended: Promise<void>;
  #tellEnded = () => {};
  readonly #scanner = new ObjectScanner(objectLimits);
  readonly #waiting = new Map<Unsigned64, Waiting>();
  readonly #closed: Promise<void>;
  #expected: Expected | undefined;
  #lastSeq = 0;
  #ended = false;

  /** Takes a connected socket, and owns it from now on. */
  constructor(socket: Socket, replyTimeoutMs: number | undefined) {
    this.#socket = socket;
    this.#replyTimeoutMs = replyTimeoutMs;
    this.ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('end', () => this.#fail(undefined));
    socket.on('close', () => this.#fail(undefined));
    // `close` follows, and tells everybody.
    socket.on('error', () => {});
  }

  call<Name extends CommandName>(
    command: Name,
    request: RequestOf<Name>,
    timeoutMs = this.#replyTimeoutMs,
  ): Promise<Answer<ReplyOf<Name>>> {
    const seq = ++this.#lastSeq;
    return new Promise<Answer<unknown>>((resolve, reject) => {
      const cancel = this.#startReplyTimer(seq, command, timeoutMs, reject);
      this.#waiting.set(seq, {
        type: 'reply',
        codec: commands[command].reply,
        resolve: (answer) => {
          cancel();
          resolve(answer);
        },
        reject: (error) => {
          cancel();
          reject(error);
        },
      });
      this.#send(encodeRequest(command, seq, request));
    }) as Promise<Answer<ReplyOf<Name>>>;
  }

  subscribe<Name extends CommandName>(
    command: Name,
    request: RequestOf<Name>,
    sink: RecordSink,
  ): Promise<Unsubscribe> {
    const seq = ++this.#lastSeq;
    return new Promise((resolve, reject) => {
      const cancel = this.#startReplyTimer(seq, command, this.#replyTimeoutMs, reject);
      this.#waiting.set(seq, {
        type: 'subscription',
        acknowledged: false,
        acknowledge: (error) => {
          cancel();
          if (error === '') resolve(() => this.#unsubscribe(command, seq));
          else reject(new RpcError('REFUSED', error));
        },
        sink,
        end: (error) => {
          cancel();
          // Whichever of the two is still open.
          reject(error ?? clientClosed());
          sink.end(error);
        },
      });
      this.#send(encodeRequest(command, seq, request));
    });
  }

  async close(): Promise<void> {
    for (const [seq, waiting] of this.#waiting) {
      if (waiting.type !== 'subscription') continue;
      this.#waiting.delete(seq);
      waiting.end(undefined);
    }
    this.#fail(undefined);
    await this.#closed;
  }

  #send(request: Uint8Array): void {
    if (this.#ended) {
      this.#failAll(undefined);
      return;
    }
    const cancel = startDeadline(writeTimeoutMs, () => {
      this.#fail(
        new RpcError('TIMEOUT', `the agent took no request for ${writeTimeoutMs / 1000} s`),
      );
    });
    this.#socket.write(request, cancel);
  }

  #startReplyTimer(
    seq: number,
    command: string,
    afterMs: number | undefined,
    reject: (error: RpcError) => void,
  ): () => void {
    if (afterMs === undefined) return () => {};
    return startDeadline(afterMs, () => {
      // An answer that comes later finds nobody, and is skipped.
      this.#waiting.delete(seq);
      reject(new RpcError('TIMEOUT', `no answer to ${command} within ${afterMs} ms`));
    });
  }

  async #unsubscribe(command: CommandName, seq: number): Promise<void> {
    // Records already on their way find nobody, and are skipped.
    const isOver = !this.#waiting.delete(seq);
    // A query ends by itself, and cannot be stopped (spec/05 §8.9).
    if (isOver || this.#ended || command === 'query') return;
    try {
      await this.call('stop', { stop: seq });
    } catch (error) {
      // A connection that is gone streams nothing either.
      if (!(error instanceof RpcError)) throw error;
    }
  }

  #receive(chunk: Uint8Array): void {
    if (this.#ended) return;
    try {
      this.#scanner.push(chunk);
      for (let object = this.#scanner.next(); object !== undefined; object = this.#scanner.next()) {
        this.#take(object);
      }
    } catch (error) {
      this.#fail(this.#expected === undefined ? foreignHeader(error) : foreignBody(error));
    }
  }

  #take(object: Uint8Array): void {
    const header = tryResponseHeader(object);
    // What is due stays so until it was read: whoever fails in between has failed at that.
    if (this.#expected !== undefined) {
      if (header === undefined) this.#takeBody(this.#expected, object);
      else this.#bodyIsMissing(this.#expected);
      this.#expected = undefined;
    } else if (header === undefined) {
      throw new Error('an object that is no response header stands where one is due');
    }
    if (header !== undefined) this.#takeHeader(header);
  }

  #takeHeader(header: ResponseHeader): void {
    const waiting = this.#waiting.get(header.seq);
    if (waiting?.type === 'reply' && hasNoBody(waiting, header.error)) {
      this.#settle(waiting, header, waiting.codec?.zero);
    } else if (waiting?.type === 'subscription' && !waiting.acknowledged) {
      waiting.acknowledged = true;
      if (header.error !== '') this.#waiting.delete(header.seq);
      waiting.acknowledge(header.error);
    } else {
      this.#expected = { header, waiting };
    }
  }

  #takeBody({ header, waiting }: Expected, object: Uint8Array): void {
    if (waiting?.type === 'subscription') {
      const isLast = waiting.sink.record(new MsgpackReader(object));
      if (isLast) this.#waiting.delete(header.seq);
    } else if (waiting?.type === 'reply') {
      this.#settle(waiting, header, waiting.codec?.read(new MsgpackReader(object)));
    }
  }

  /** A second `Authentication required`, for one, comes without a body, and nobody waits for it any more. */
  #bodyIsMissing({ header, waiting }: Expected): void {
    if (waiting?.type !== 'reply') return;
    if (header.error === '') throw new Error('a reply came without its body');
    this.#settle(waiting, header, waiting.codec?.zero);
  }

  #settle(waiting: PendingReply, { seq, error }: ResponseHeader, reply: unknown): void {
    this.#waiting.delete(seq);
    waiting.resolve({ error, reply });
  }

  /** The connection is of no use any more. */
  #fail(error: RpcError | undefined): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#socket.destroy();
      this.#tellEnded();
    }
    this.#failAll(error);
  }

  #failAll(error: RpcError | undefined): void {
    const halfAnswered = this.#expected?.waiting;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) {
      const reason = error ?? (one === halfAnswered ? cutShort() : clientClosed());
      if (one.type === 'subscription') one.end(reason);
      else one.reject(reason);
    }
  }
}

function hasNoBody(waiting: PendingReply, error: string): boolean {
  return waiting.codec === undefined || bodilessRefusals.has(error);
}

/** Serf's words: it hangs up on a peer whose headers it cannot read, and knows no more by then. */
const foreignHeader = (cause: unknown) => new RpcError('PROTOCOL', 'client closed', { cause });

function foreignBody(cause: unknown): RpcError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RpcError('PROTOCOL', `not the RPC protocol: ${why}`, { cause });
}

const clientClosed = () => new RpcError('CLOSED', 'client closed');
const cutShort = () => new RpcError('CLOSED', 'EOF');
