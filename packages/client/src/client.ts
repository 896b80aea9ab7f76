import type { MsgpackReader } from '@tserf/core/msgpack';
import { Connection } from './connection.js';
import { dial } from './dial.js';
import type { Link } from './link.js';
import { openQuery, type QueryOptions } from './open-query.js';
import type { Unsigned64 } from './protocol/codec.js';
import {
  type CommandName,
  logRecord,
  protocolVersion,
  type ReplyOf,
  type RequestOf,
  type Stats,
} from './protocol/commands.js';
import type { CoordinateRecord } from './protocol/coordinate-record.js';
import { type EventRecord, eventRecord } from './protocol/event-record.js';
import type { KeyReport } from './protocol/key-report.js';
import type { MemberRecord } from './protocol/member-record.js';
import type { QueryUpdate } from './protocol/query-record.js';
import { ReconnectingLink } from './reconnecting.js';
import { RecordStream } from './record-stream.js';
import { KeyError, RpcError } from './rpc-error.js';

export interface ConnectOptions {
  /** `host:port` of the agent's RPC. */
  readonly address?: string;
  /** The agent's token. Empty is none. */
  readonly authKey?: string;
  /** How long it may take until the agent has accepted connection and token. Serf's limit is the default. */
  readonly connectTimeoutMs?: number;
  /** How long an answer may take. Off by default: a leave takes up to eleven seconds, a join longer. */
  readonly replyTimeoutMs?: number;
  /**
   * Whether to make another connection when this one is lost, as often as it takes until the client is closed. Requests
   * under way fail all the same; streams and the monitor go on, and their `gaps` count how often. Off by default.
   */
  readonly reconnect?: boolean;
}

/** Which members to list. Patterns are RE2's, wrapped as `^…$` by the agent (spec/05 §8.5); empty takes all. */
export interface MemberFilter {
  /** All must match; a tag that a member lacks counts as empty. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly status?: string;
  readonly name?: string;
}

/**
 * A connection to an agent, tserf's or Serf's. Methods fail with RpcError: REFUSED with the agent's own text when it
 * says no, CLOSED when the connection is lost.
 */
export class Client implements AsyncDisposable {
  readonly #link: Link;
  readonly #replyTimeoutMs: number | undefined;

  private constructor(link: Link, replyTimeoutMs: number | undefined) {
    this.#link = link;
    this.#replyTimeoutMs = replyTimeoutMs;
  }

  /** Connects, shakes hands, and shows the token if there is one. */
  static async connect(options: ConnectOptions = {}): Promise<Client> {
    const { connectTimeoutMs = 10_000, replyTimeoutMs, reconnect = false } = options;
    const open = () => openConnection({ ...options, connectTimeoutMs });
    const connection = await open();
    const link = reconnect ? new ReconnectingLink(connection, open, connectTimeoutMs) : connection;
    return new Client(link, replyTimeoutMs);
  }

  /** All members that the agent knows, in no order. */
  async members(): Promise<readonly MemberRecord[]> {
    return (await this.#call('members', undefined)).members;
  }

  async membersFiltered(filter: MemberFilter): Promise<readonly MemberRecord[]> {
    const { tags = {}, status = '', name = '' } = filter;
    return (await this.#call('members-filtered', { tags, status, name })).members;
  }

  /**
   * Lets the agent join the cluster of the given addresses, and resolves to how many of them it reached. Refused only
   * when it reached none. With `replay` the agent also gets the user events of the past.
   */
  async join(
    addresses: readonly string[],
    { replay = false }: { readonly replay?: boolean } = {},
  ): Promise<number> {
    return (await this.#call('join', { existing: addresses, replay })).joined;
  }

  /** Lets the agent leave its cluster and end. */
  async leave(): Promise<void> {
    await this.#call('leave', undefined);
  }

  /** Declares a failed member as left; with `prune` it disappears from the list. */
  async forceLeave(
    node: string,
    { prune = false }: { readonly prune?: boolean } = {},
  ): Promise<void> {
    await this.#call('force-leave', { node, prune });
  }

  /** Sends a user event to the whole cluster. With `coalesce`, nodes may tell only the newest of its name. */
  async event(
    name: string,
    payload?: Uint8Array | string,
    { coalesce = false }: { readonly coalesce?: boolean } = {},
  ): Promise<void> {
    await this.#call('event', { name, payload: toBytes(payload), coalesce });
  }

  /**
   * Asks the cluster, and resolves when the question is out: acks and responses are read from the result with
   * `for await`, which ends when the query does.
   */
  query(
    name: string,
    payload?: Uint8Array | string,
    options: QueryOptions = {},
  ): Promise<RecordStream<QueryUpdate>> {
    const request = { ...options, name, payload: toBytes(payload) };
    return openQuery(this.#link, request, this.#replyTimeoutMs);
  }

  /** Answers a query that came by `stream`, by its `id`. Each node answers a query once. */
  async respond(id: Unsigned64, payload?: Uint8Array | string): Promise<void> {
    await this.#call('respond', { id, payload: toBytes(payload) });
  }

  /** Changes the agent's own tags: deletes first, then sets. What is named in neither stays as it is. */
  async updateTags(changes: {
    readonly set?: Readonly<Record<string, string>>;
    readonly delete?: readonly string[];
  }): Promise<void> {
    const { set = {}, delete: names = [] } = changes;
    await this.#call('tags', { set, delete: names });
  }

  /** Gives all nodes another key to open packets with; base64. Fails with KeyError unless all have taken it. */
  installKey(key: string): Promise<KeyReport> {
    return this.#askForKeys('install-key', { key });
  }

  /** Has all nodes seal with a key that they hold. Fails with KeyError unless all do. */
  useKey(key: string): Promise<KeyReport> {
    return this.#askForKeys('use-key', { key });
  }

  /** Has all nodes forget a key that they do not seal with. Fails with KeyError unless all did. */
  removeKey(key: string): Promise<KeyReport> {
    return this.#askForKeys('remove-key', { key });
  }

  /** Which keys the nodes hold. Fails with KeyError unless all have told. */
  listKeys(): Promise<KeyReport> {
    return this.#askForKeys('list-keys', undefined);
  }

  /** Where a node stands in the network; undefined when the agent knows no such node, or no coordinate of it. */
  async getCoordinate(node: string): Promise<CoordinateRecord | undefined> {
    const { coordinate, isKnown } = await this.#call('get-coordinate', { node });
    return isKnown ? coordinate : undefined;
  }

  /** Log entries from `logLevel` (TRACE, DEBUG, INFO, WARN or ERR) up: the last 512, then what comes. */
  monitor(logLevel = 'INFO'): Promise<RecordStream<string>> {
    return this.#subscribe('monitor', { logLevel }, (reader) => logRecord.read(reader).log);
  }

  /** Events by a list such as `member-join,user:deploy,query`, without blanks; `*` is all. */
  stream(filter = '*'): Promise<RecordStream<EventRecord>> {
    return this.#subscribe('stream', { type: filter }, (reader) => eventRecord.read(reader));
  }

  /** What the agent says of itself. */
  async stats(): Promise<Stats> {
    return this.#call('stats', undefined);
  }

  /** Ends the connection at once. Requests under way fail, streams end. Closing twice is harmless. */
  close(): Promise<void> {
    return this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call<Name extends CommandName>(
    command: Name,
    request: RequestOf<Name>,
  ): Promise<ReplyOf<Name>> {
    const { error, reply } = await this.#link.call(command, request);
    if (error !== '') throw new RpcError('REFUSED', error);
    return reply;
  }

  async #askForKeys<Name extends 'install-key' | 'use-key' | 'remove-key' | 'list-keys'>(
    command: Name,
    request: RequestOf<Name>,
  ): Promise<KeyReport> {
    const { error, reply } = await this.#link.call(command, request);
    if (error !== '') throw new KeyError(error, reply);
    return reply;
  }

  async #subscribe<Name extends CommandName, T>(
    command: Name,
    request: RequestOf<Name>,
    read: (reader: MsgpackReader) => T | undefined,
  ): Promise<RecordStream<T>> {
    const stream = new RecordStream<T>();
    const unsubscribe = await this.#link.subscribe(command, request, {
      record(reader) {
        const record = read(reader);
        // Undefined is a kind of record that a later version may send.
        if (record !== undefined) stream.push(record);
        return false;
      },
      gap: () => stream.gap(),
      end: (error) => stream.finish(error),
    });
    stream.whenStopped(unsubscribe);
    return stream;
  }
}

async function openConnection(
  options: ConnectOptions & { readonly connectTimeoutMs: number },
): Promise<Connection> {
  const { address = '127.0.0.1:7373', authKey = '', connectTimeoutMs, replyTimeoutMs } = options;
  const startMs = performance.now();
  const socket = await dial(address, connectTimeoutMs);
  const connection = new Connection(socket, replyTimeoutMs);
  try {
    // A suspended agent's kernel accepts connections all the same.
    const leftMs = () => Math.max(1, connectTimeoutMs - (performance.now() - startMs));
    await greet(connection, authKey, leftMs);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function greet(connection: Connection, authKey: string, leftMs: () => number): Promise<void> {
  const check = ({ error }: { readonly error: string }) => {
    if (error !== '') throw new RpcError('REFUSED', error);
  };
  check(await connection.call('handshake', { version: protocolVersion }, leftMs()));
  if (authKey !== '') check(await connection.call('auth', { authKey }, leftMs()));
}

/** None given is not the same as an empty one. */
function toBytes(payload: Uint8Array | string | undefined): Uint8Array | undefined {
  return typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
}
