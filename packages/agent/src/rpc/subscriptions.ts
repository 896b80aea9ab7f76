import { eventRecord, logRecord as logEntry, type Unsigned64, writeRecord } from '@tserf/client';
import type { LogLevel } from '@tserf/core';
import type { MsgpackWriter } from '@tserf/core/msgpack';
import type { LogRecord } from '../log-record.js';
import type { EventFilter } from './event-filter.js';
import { Feed } from './feed.js';
import type { HostEvent, RpcHost, WriteLog } from './host.js';
import type { Outbox } from './outbox.js';

/** Serf sets no limit; each stream costs a look at every event, and a queue. */
export const streamLimit = 256;

interface Subscription {
  end(): void;
}

/** The streams and the monitor of one connection, each named by the `Seq` that asked for it (spec/05 §6). */
export class Subscriptions {
  readonly #host: RpcHost;
  readonly #outbox: Outbox;
  readonly #log: WriteLog;
  readonly #client: string;
  readonly #streams = new Map<Unsigned64, Subscription>();
  #monitor: { readonly seq: Unsigned64; readonly subscription: Subscription } | undefined;
  /** The last query handed out: ids are the connection's own. */
  #lastQueryId = 0;

  /** `client` is its `ip:port`, for the log. */
  constructor(host: RpcHost, outbox: Outbox, log: WriteLog, client: string) {
    this.#host = host;
    this.#outbox = outbox;
    this.#log = log;
    this.#client = client;
  }

  hasStream(seq: Unsigned64): boolean {
    return this.#streams.has(seq);
  }

  get isFull(): boolean {
    return this.#streams.size >= streamLimit;
  }

  get hasMonitor(): boolean {
    return this.#monitor !== undefined;
  }

  /** From now on, events that pass go out under `seq`. */
  openStream(seq: Unsigned64, passes: EventFilter): void {
    const feed = this.#feed<HostEvent>('event', (writer, event) => {
      const record = event.type === 'query' ? { ...event, id: ++this.#lastQueryId } : event;
      writeRecord(writer, seq, eventRecord, record);
    });
    const unsubscribe = this.#host.subscribe((event) => {
      if (passes(event)) feed.give(event);
    });
    this.#streams.set(seq, { end: () => [unsubscribe(), feed.stop()] });
  }

  /** The log as it is kept, and then as it comes, goes out under `seq`. */
  openMonitor(seq: Unsigned64, minimum: LogLevel): void {
    const feed = this.#feed<LogRecord>('logs', (writer, { line }) => {
      writeRecord(writer, seq, logEntry, { log: line.replace(/\n$/, '') });
    });
    const following = this.#host.logs.follow(minimum, (record) => feed.give(record));
    for (const record of following.replay) feed.give(record);
    this.#monitor = { seq, subscription: { end: () => [following.stop(), feed.stop()] } };
  }

  /** Ends the stream and the monitor of this number, as far as there are any. */
  stop(seq: Unsigned64): void {
    this.#streams.get(seq)?.end();
    this.#streams.delete(seq);
    if (this.#monitor?.seq !== seq) return;
    this.#monitor.subscription.end();
    this.#monitor = undefined;
  }

  stopAll(): void {
    for (const seq of this.#streams.keys()) this.stop(seq);
    if (this.#monitor !== undefined) this.stop(this.#monitor.seq);
  }

  #feed<T>(what: string, write: (writer: MsgpackWriter, record: T) => void): Feed<T> {
    return new Feed<T>({
      outbox: this.#outbox,
      write,
      dropping: (count) => {
        const total = count === undefined ? '' : ` (${count} dropped)`;
        this.#log('WARN', `agent.ipc: Dropping ${what} to ipc.client: ${this.#client}${total}`);
      },
    });
  }
}
