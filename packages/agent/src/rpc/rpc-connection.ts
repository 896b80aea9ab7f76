import type { Socket } from 'node:net';
import {
  type Codec,
  type CommandName,
  commands,
  encodeHeader,
  encodeReply,
  isCommandName,
  type ReplyOf,
  type RequestHeader,
  type RequestOf,
  refusals,
  requestHeader,
  type Unsigned64,
} from '@tserf/client';
import { DecodeError, MsgpackReader, ObjectScanner } from '@tserf/core/msgpack';
import type { Answer, CommandHandler } from './answer.js';
import { commandHandlers } from './command-handlers.js';
import type { RpcHost, WriteLog } from './host.js';
import { InOrder } from './in-order.js';
import { Outbox } from './outbox.js';
import { Session } from './session.js';
import { Subscriptions } from './subscriptions.js';

/** Serf sets none. No honest request comes near (spec/05 §13). */
const objectLimits = { maxBytes: 1024 * 1024, maxDepth: 32 };

export interface RpcConnectionOptions {
  readonly host: RpcHost;
  readonly log: WriteLog;
  readonly authKey: string;
  /** The client's `ip:port`. */
  readonly client: string;
  /** A client that has something to read, and takes not one byte of it for so long, is disconnected. */
  readonly stallTimeoutMs: number;
  readonly commandCame: () => void;
}

/** What the next object is. */
type Awaited =
  | { readonly what: 'header' }
  | { readonly what: 'body'; readonly command: CommandName; readonly seq: Unsigned64 }
  /** The body of a command that was refused already. */
  | { readonly what: 'refused' }
  /** Serf would wait for ever for the rest of the last body, and refuse whatever comes. */
  | { readonly what: 'nothing'; readonly reason: DecodeError };

/** The client broke the protocol. Logged, and the connection closed. */
class ProtocolError extends Error {}

/**
 * One client: takes its requests one after another, each answered before the next is looked at (spec/05 §5, §14). Events
 * alone may overlap, as they do not wait for anything but the engine's thread: their order stays, and so does that of
 * the answers.
 */
export class RpcConnection {
  readonly #socket: Socket;
  readonly #log: WriteLog;
  readonly #client: string;
  readonly #outbox: Outbox;
  readonly #session: Session;
  readonly #commandCame: () => void;
  readonly #scanner = new ObjectScanner(objectLimits);
  /** What a header leaves out is as in the one before it. */
  #header: RequestHeader = requestHeader.zero;
  #awaited: Awaited = { what: 'header' };
  readonly #events = new InOrder();
  #hasWarned = false;
  #isClosing = false;

  constructor(
    socket: Socket,
    { host, log, authKey, client, stallTimeoutMs, commandCame }: RpcConnectionOptions,
  ) {
    this.#commandCame = commandCame;
    this.#socket = socket;
    this.#log = log;
    this.#client = client;
    this.#outbox = new Outbox(socket);
    const subscriptions = new Subscriptions(host, this.#outbox, log, client);
    this.#session = new Session({ host, log, authKey, subscriptions });

    socket.on('data', (chunk) => {
      // Nothing more is read until this is answered: a client that floods waits in its own kernel.
      socket.pause();
      void this.#receive(chunk).then(() => socket.resume());
    });
    socket.on('end', () => void this.#events.settled.then(() => this.close()));
    socket.on('close', () => subscriptions.stopAll());
    // The client went away; `close` follows.
    socket.on('error', () => {});
    // Bytes that go in either direction put this off.
    socket.setTimeout(stallTimeoutMs).on('timeout', () => this.#hasStalled(stallTimeoutMs));
  }

  /** Lets out what is on its way, and hangs up. */
  close(): void {
    this.#isClosing = true;
    this.#session.subscriptions.stopAll();
    this.#socket.destroySoon();
  }

  #hasStalled(stallTimeoutMs: number): void {
    if (!this.#outbox.isBlocked) return;
    const seconds = stallTimeoutMs / 1000;
    this.#log(
      'WARN',
      `agent.ipc: Closing ipc.client: ${this.#client}: it read nothing for ${seconds} s`,
    );
    this.#socket.destroy();
  }

  async #receive(chunk: Uint8Array): Promise<void> {
    try {
      this.#scanner.push(chunk);
      for (let object = this.#next(); object !== undefined; object = this.#next()) {
        await this.#take(object);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log('ERR', `agent.ipc: ${reason}`);
      await this.#events.settled;
      this.close();
    }
  }

  #next(): Uint8Array | undefined {
    if (this.#isClosing) return undefined;
    try {
      return this.#scanner.next();
    } catch (error) {
      throw this.#awaited.what === 'header' ? badHeader(error) : badBody(error);
    }
  }

  #take(object: Uint8Array): Promise<void> | void {
    const awaited = this.#awaited;
    this.#awaited = { what: 'header' };
    switch (awaited.what) {
      case 'header':
        return this.#takeHeader(object);
      case 'body':
        return this.#takeBody(awaited.command, awaited.seq, object);
      case 'refused':
        return undefined;
      case 'nothing':
        throw badBody(awaited.reason);
      default:
        return awaited satisfies never;
    }
  }

  #takeHeader(object: Uint8Array): Promise<void> | void {
    const { command, seq } = this.#readHeader(object);
    this.#commandCame();
    if (!this.#session.hasShakenHands && command !== 'handshake') {
      return this.#refuseAndClose(seq, refusals.handshakeRequired, refusals.handshakeRequired);
    }
    if (!this.#session.isTrusted && command !== 'auth' && command !== 'handshake') {
      return this.#refuseUntrusted(command, seq);
    }
    if (!isCommandName(command)) {
      const reason = `command '${printable(command)}' not recognized`;
      return this.#refuseAndClose(seq, refusals.unsupportedCommand, reason);
    }
    if (commands[command].request === undefined) return this.#execute(command, seq, undefined);
    this.#awaited = { what: 'body', command, seq };
    return undefined;
  }

  #readHeader(object: Uint8Array): RequestHeader {
    try {
      this.#header = requestHeader.read(new MsgpackReader(object), this.#header);
      return this.#header;
    } catch (error) {
      throw badHeader(error);
    }
  }

  #takeBody(command: CommandName, seq: Unsigned64, object: Uint8Array): Promise<void> | void {
    const codec: Codec<unknown> | undefined = commands[command].request;
    try {
      return this.#execute(command, seq, codec?.read(new MsgpackReader(object)) as never);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (error.code !== 'TRUNCATED') throw badBody(error);
      // A complete object that ends too early: a list stands where a map is wanted (spec/05 §13).
      this.#awaited = { what: 'nothing', reason: error };
      return undefined;
    }
  }

  #execute<Name extends CommandName>(
    command: Name,
    seq: Unsigned64,
    request: RequestOf<Name>,
  ): Promise<void> | void {
    if (command !== 'event') return this.#executeAlone(command, seq, request);
    this.#events.add(this.#handle(command, seq, request), (answer) =>
      this.#answer(command, seq, answer),
    );
    return this.#events.isFull ? this.#events.settled : undefined;
  }

  async #executeAlone<Name extends CommandName>(
    command: Name,
    seq: Unsigned64,
    request: RequestOf<Name>,
  ): Promise<void> {
    await this.#events.settled;
    await this.#answer(command, seq, await this.#handle(command, seq, request));
  }

  #handle<Name extends CommandName>(
    command: Name,
    seq: Unsigned64,
    request: RequestOf<Name>,
  ): Answer<ReplyOf<Name>> | Promise<Answer<ReplyOf<Name>>> {
    const handler: CommandHandler<Name> = commandHandlers[command];
    return handler(request, this.#session, seq);
  }

  async #answer<Name extends CommandName>(
    command: Name,
    seq: Unsigned64,
    { error = '', reply, whenQueued, whenSent }: Answer<ReplyOf<Name>>,
  ): Promise<void> {
    const sending = this.#outbox.send(encodeReply(command, seq, error, reply));
    if (!this.#socket.destroyed) whenQueued?.();
    await sending;
    await whenSent?.();
  }

  async #refuseAndClose(seq: Unsigned64, refusal: string, reason: string): Promise<void> {
    this.#log('ERR', `agent.ipc: Failed to evaluate request: ${reason}`);
    await this.#events.settled;
    await this.#outbox.send(encodeHeader(seq, refusal));
    this.close();
  }

  async #refuseUntrusted(command: string, seq: Unsigned64): Promise<void> {
    // Once is enough: who has no key must not wash the log away.
    if (!this.#hasWarned) this.#log('WARN', 'agent.ipc: Client sending commands before auth');
    this.#hasWarned = true;
    const hasBody = isCommandName(command) && commands[command].request !== undefined;
    if (hasBody) this.#awaited = { what: 'refused' };
    await this.#outbox.send(encodeHeader(seq, refusals.authRequired));
  }
}

function badHeader(error: unknown): ProtocolError {
  return new ProtocolError(`failed to decode request header: ${messageOf(error)}`);
}

function badBody(error: unknown): ProtocolError {
  return new ProtocolError(`Failed to evaluate request: decode failed: ${messageOf(error)}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a client sent, fit for one line of a log. */
function printable(text: string): string {
  return JSON.stringify(text.slice(0, 64)).slice(1, -1);
}
