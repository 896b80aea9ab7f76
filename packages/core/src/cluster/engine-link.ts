import { type EngineHost, inlineHost, workerHost } from '../engine/host.js';
import {
  type EngineCommand,
  type EngineNotice,
  type EngineOptions,
  type EngineResult,
  shutdownRequest,
} from '../engine/protocol.js';
import { after } from '../net/timer.js';
import { ClusterError, type ClusterErrorCode } from './cluster-error.js';

/** How long the engine may take to close its sockets before its thread is ended. */
const shutdownMs = 2_000;

/** What an engine is asked, without the number that the link gives it. */
export type Command = EngineCommand extends infer C
  ? C extends { request: number }
    ? C
    : never
  : never;
type CommandWithout<C> = C extends { request: number } ? Omit<C, 'request'> : never;

/** What the owner of a link hears of. Starting, ending and results are the link's own business. */
export type ClusterNotice = Exclude<
  EngineNotice,
  { type: 'startFailed' } | { type: 'died' } | { type: 'done' }
>;

export interface EngineListener {
  notice(notice: ClusterNotice): void;
  /** Nothing goes any more, and this is why; told once. */
  ended(end: ClusterError): void;
}

interface Request {
  resolve(result: EngineResult): void;
  reject(error: Error): void;
}

/** The line between a handle and its engine, from its start to its end: each request gets its result, or the reason why not. */
export class EngineLink {
  /** Resolves after a shutdown that was asked for. Rejects when the engine died, or was evicted. */
  readonly closed: Promise<void>;
  readonly #host: EngineHost;
  readonly #listener: EngineListener;
  readonly #requests = new Map<number, Request>();
  #lastRequest = shutdownRequest;
  #starting: { resolve(): void; reject(error: Error): void } | undefined;
  #shuttingDown: Promise<void> | undefined;
  #settleClosed: { resolve(): void; reject(error: Error): void };
  #end: ClusterError | undefined;
  #eviction: ClusterError | undefined;

  constructor(inThread: boolean, listener: EngineListener) {
    this.#listener = listener;
    this.#settleClosed = { resolve: () => undefined, reject: () => undefined };
    this.closed = new Promise((resolve, reject) => {
      this.#settleClosed = { resolve, reject };
    });
    // A handle whose owner does not look must not end the process; whoever looks still sees the rejection.
    this.closed.catch(() => undefined);
    this.#host = (inThread ? workerHost : inlineHost)({
      notices: (batch) => {
        for (const notice of batch) this.#hear(notice);
      },
      ended: (cause) => this.#engineEnded(cause),
    });
  }

  /** Why nothing goes any more. */
  get end(): ClusterError | undefined {
    return this.#end;
  }

  /** Rejects with a ClusterError. */
  start(options: EngineOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#starting = { resolve, reject };
      this.#host.send({ type: 'start', options });
    });
  }

  nextRequest(): number {
    this.#lastRequest += 1;
    return this.#lastRequest;
  }

  /** Rejects with a ClusterError: what the engine says, or why it says nothing any more. */
  async request(
    command: CommandWithout<Command>,
    request: number = this.nextRequest(),
  ): Promise<EngineResult> {
    if (this.#end !== undefined) throw this.#end;
    if (this.#shuttingDown !== undefined) throw this.#eviction ?? shutDownError();
    const result = await this.#ask({ ...command, request } as Command);
    if (result.type === 'error') throw new ClusterError('REFUSED', result.message);
    return result;
  }

  async expectOk(command: CommandWithout<Command>): Promise<void> {
    const result = await this.request(command);
    if (result.type !== 'ok') throw unexpected(result);
  }

  /** Shuts down for a reason that is nobody's wish. */
  evict(reason: ClusterError): void {
    this.#eviction ??= reason;
    void this.shutdown();
  }

  /** Harmless when done. */
  shutdown(): Promise<void> {
    this.#shuttingDown ??= this.#shutDown();
    return this.#shuttingDown;
  }

  async #shutDown(): Promise<void> {
    if (this.#end === undefined) {
      const farewell = this.#ask({ type: 'shutdown', request: shutdownRequest });
      await within(
        shutdownMs,
        farewell.catch(() => undefined),
      );
    }
    this.#finish(this.#eviction ?? shutDownError());
    await this.#host.stop();
    if (this.#eviction === undefined) this.#settleClosed.resolve();
    else this.#settleClosed.reject(this.#eviction);
  }

  #hear(notice: EngineNotice): void {
    switch (notice.type) {
      case 'started':
        this.#listener.notice(notice);
        this.#starting?.resolve();
        this.#starting = undefined;
        break;
      case 'startFailed':
        // The code crossed the boundary as text; it is one that the engine has.
        this.#finish(new ClusterError(notice.code as ClusterErrorCode, notice.message));
        break;
      case 'died': {
        const cause = new Error(notice.message);
        if (notice.stack !== undefined) cause.stack = notice.stack;
        this.#finish(diedOf(cause));
        break;
      }
      case 'done':
        this.#requests.get(notice.request)?.resolve(notice.result);
        this.#requests.delete(notice.request);
        break;
      default:
        this.#listener.notice(notice);
    }
  }

  #engineEnded(cause: Error | undefined): void {
    // On the way out, an end is what was asked for.
    if (this.#shuttingDown !== undefined) this.#finish(this.#eviction ?? shutDownError());
    else this.#finish(diedOf(cause ?? new Error('its thread ended without a word')));
  }

  /** Whoever waits is told, once. */
  #finish(end: ClusterError): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#starting?.reject(end);
    this.#starting = undefined;
    for (const request of this.#requests.values()) request.reject(end);
    this.#requests.clear();
    this.#listener.ended(end);
    if (end.code === 'ENGINE_DIED') this.#settleClosed.reject(end);
  }

  #ask(command: Command): Promise<EngineResult> {
    return new Promise((resolve, reject) => {
      this.#requests.set(command.request, { resolve, reject });
      this.#host.send(command);
    });
  }
}

/** A result of the wrong kind: a fault of ours. */
export function unexpected(result: EngineResult): Error {
  return new Error(`the engine answered with '${result.type}'`);
}

/** Waits for `work`, but not longer. */
export async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = after(limitMs, resolve);
    void work.finally(() => {
      timer.cancel();
      resolve();
    });
  });
}

function diedOf(cause: Error): ClusterError {
  return new ClusterError('ENGINE_DIED', `the engine stopped: ${cause.message}`, { cause });
}

function shutDownError(): ClusterError {
  return new ClusterError('SHUT_DOWN', 'the node is shut down');
}
