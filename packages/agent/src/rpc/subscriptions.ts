import {
  type EventRecord,
  eventRecord,
  logRecord as logEntry,
  type QueryRecord,
  queryRecord,
  type Unsigned64,
  writeRecord,
} from '@tserf/client';
import type { LogLevel } from '@tserf/core';
import type { MsgpackWriter } from '@tserf/core/msgpack';
import type { LogRecord } from '../log-record.js';
import type { EventFilter } from './event-filter.js';
import { Feed, type FeedOptions } from './feed.js';
import type { HostEvent, RpcHost, WriteLog } from './host.js';
import type { Outbox } from './outbox.js';
import { PendingQueries } from './pending-queries.js';
import { QueryRecords } from './query-records.js';

/** Serf sets no limit; each stream costs a look at every event, and a queue. */
export const streamLimit = 256;

/** The same for queries under way: each keeps what its client has not taken yet. */
export const queryLimit = 256;

/** How the line about dropped records begins, as in Serf. */
const dropping = 'agent.ipc: Dropping';

interface Subscription {
  end(): void;
}

/**
 * What is pushed to one connection: its streams and its monitor, each named by the `Seq` that asked for it (spec/05
 * §6), and the answers to its queries.
 */
export class Subscriptions {
  readonly #host: RpcHost;
  readonly #outbox: Outbox;
  readonly #log: WriteLog;
  readonly #client: string;
  readonly #streams = new Map<Unsigned64, Subscription>();
  #monitor: { readonly seq: Unsigned64; readonly subscription: Subscription } | undefined;
  readonly #queries = new Set<QueryRecords>();
  /** Which queries of others the client was told of. */
  readonly pendingQueries = new PendingQueries();

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

  get asksTooMuch(): boolean {
    return this.#queries.size >= queryLimit;
  }

  get hasMonitor(): boolean {
    return this.#monitor !== undefined;
  }

  /** From now on, events that pass go out under `seq`. */
  openStream(seq: Unsigned64, passes: EventFilter): void {
    const feed = this.#feed<HostEvent>('event', (writer, event) => {
      writeRecord(writer, seq, eventRecord, this.#recordOf(event));
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
    const following = this.#host.logs.follow(minimum, (record) => {
      // Or the line about a full queue would fill the next.
      if (record.text.startsWith(dropping)) feed.offer(record);
      else feed.give(record);
    });
    for (const record of following.replay) feed.give(record);
    this.#monitor = { seq, subscription: { end: () => [following.stop(), feed.stop()] } };
  }

  /** What comes of a query goes out under `seq`, once it is started. */
  openQuery(seq: Unsigned64): QueryRecords {
    const feed = this.#feed<QueryRecord>(
      'query records',
      (writer, record) => writeRecord(writer, seq, queryRecord, record),
      // As in Serf, one ack and one response of each member; and some to spare for those that join.
      { isHeld: true, limit: 2 * this.#host.members().length + 64 },
    );
    const records = new QueryRecords(feed, () => void this.#queries.delete(records));
    this.#queries.add(records);
    return records;
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
    for (const records of this.#queries) records.stop();
  }

  #recordOf(event: HostEvent): EventRecord {
    if (event.type !== 'user' && event.type !== 'query') return event;
    const { type, ltime: lamportTime, name, payload } = event;
    return type === 'user'
      ? { type, lamportTime, name, payload, coalesce: event.coalesce }
      : { type, id: this.pendingQueries.add(event), lamportTime, name, payload };
  }

  #feed<T>(
    what: string,
    write: (writer: MsgpackWriter, record: T) => void,
    options: Pick<FeedOptions<T>, 'limit' | 'isHeld'> = {},
  ): Feed<T> {
    return new Feed<T>({
      ...options,
      outbox: this.#outbox,
      write,
      dropped: (count) => {
        const text = `${dropping} ${what} to ipc.client: ${this.#client} (${count} dropped)`;
        this.#log('WARN', text);
      },
    });
  }
}
