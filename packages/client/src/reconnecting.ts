import type { Connection } from './connection.js';
import { startDeadline } from './deadline.js';
import type { Answer, Link, RecordSink, Unsubscribe } from './link.js';
import type { CommandName, ReplyOf, RequestOf } from './protocol/commands.js';
import { RpcError } from './rpc-error.js';

/** How long to wait after the first failure; twice as long after each further one, up to the last. */
const firstPauseMs = 100;
const longestPauseMs = 5_000;

interface Subscription {
  subscribeTo(connection: Connection): Promise<void>;
  unsubscribe: Unsubscribe;
  readonly sink: RecordSink;
}

/**
 * Goes on after a connection was lost: makes another one, however long that takes, and asks again for what was being
 * pushed. Requests that were under way fail, since nobody knows whether the agent has carried them out; those that come
 * meanwhile wait for the next connection.
 */
export class ReconnectingLink implements Link {
  readonly #open: () => Promise<Connection>;
  readonly #waitMs: number;
  readonly #subscriptions = new Set<Subscription>();
  #connection: Connection | undefined;
  /** Those who wait for a connection. */
  readonly #waiting = new Set<(connection: Connection | undefined) => void>();
  #lastError: RpcError = clientClosed();
  #cancelPause = () => {};
  #isClosed = false;

  /** `open` makes a connection that is ready for use; `waitMs` is how long a request waits for one. */
  constructor(first: Connection, open: () => Promise<Connection>, waitMs: number) {
    this.#open = open;
    this.#waitMs = waitMs;
    this.#use(first);
  }

  async call<Name extends CommandName>(
    command: Name,
    request: RequestOf<Name>,
  ): Promise<Answer<ReplyOf<Name>>> {
    return (await this.#ready()).call(command, request);
  }

  async subscribe<Name extends CommandName>(
    command: Name,
    request: RequestOf<Name>,
    sink: RecordSink,
  ): Promise<Unsubscribe> {
    const connection = await this.#ready();
    // The answers to a query are lost with the connection that it came by.
    if (command === 'query') return connection.subscribe(command, request, sink);

    const subscription: Subscription = {
      unsubscribe: async () => {},
      sink,
      async subscribeTo(to) {
        // Its end is the connection's, not the subscription's.
        this.unsubscribe = await to.subscribe(command, request, {
          record: (reader) => sink.record(reader),
          end: () => {},
        });
      },
    };
    this.#subscriptions.add(subscription);
    try {
      await subscription.subscribeTo(connection);
    } catch (error) {
      this.#subscriptions.delete(subscription);
      throw error;
    }
    return async () => {
      if (this.#subscriptions.delete(subscription)) await subscription.unsubscribe();
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelPause();
    for (const resolve of this.#waiting) resolve(undefined);
    for (const { sink } of this.#subscriptions) sink.end(undefined);
    this.#subscriptions.clear();
    await this.#connection?.close();
  }

  #use(connection: Connection): void {
    this.#connection = connection;
    for (const resolve of this.#waiting) resolve(connection);
    void connection.ended.then(() => {
      this.#connection = undefined;
      this.#lastError = clientClosed();
      return this.#reopen();
    });
  }

  async #reopen(): Promise<void> {
    for (let pauseMs = firstPauseMs; !this.#isClosed; pauseMs *= 2) {
      try {
        const connection = await this.#open();
        if (this.#isClosed) return connection.close();
        // Before others may use it, as what is pushed is missed until then.
        await this.#resubscribe(connection);
        return this.#use(connection);
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        this.#lastError = error;
      }
      await this.#pause(Math.min(pauseMs, longestPauseMs));
    }
  }

  async #resubscribe(connection: Connection): Promise<void> {
    for (const subscription of this.#subscriptions) {
      try {
        await subscription.subscribeTo(connection);
        subscription.sink.gap?.();
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        if (error.code !== 'REFUSED') {
          void connection.close();
          throw error;
        }
        // The agent took it before, and is another one now.
        this.#subscriptions.delete(subscription);
        subscription.sink.end(error);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = startDeadline(ms, resolve);
      this.#cancelPause = () => {
        cancel();
        resolve();
      };
    });
  }

  async #ready(): Promise<Connection> {
    if (this.#connection !== undefined) return this.#connection;
    if (this.#isClosed) throw clientClosed();
    const connection = await new Promise<Connection | undefined>((resolve) => {
      const settle = (found: Connection | undefined) => {
        cancel();
        this.#waiting.delete(settle);
        resolve(found);
      };
      const cancel = startDeadline(this.#waitMs, () => settle(undefined));
      this.#waiting.add(settle);
    });
    if (connection !== undefined) return connection;
    throw this.#isClosed ? clientClosed() : this.#lastError;
  }
}

const clientClosed = () => new RpcError('CLOSED', 'client closed');
