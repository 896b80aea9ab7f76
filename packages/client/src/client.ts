import { Connection } from './connection.js';
import { dial } from './dial.js';
import {
  type CommandName,
  logRecord,
  protocolVersion,
  type ReplyOf,
  type RequestOf,
  type Stats,
} from './protocol/commands.js';
import { type EventRecord, eventRecord } from './protocol/event-record.js';
import type { MemberRecord } from './protocol/member-record.js';
import type { RecordStream } from './record-stream.js';
import { RpcError } from './rpc-error.js';

export interface ConnectOptions {
  /** `host:port` of the agent's RPC. */
  readonly address?: string;
  /** The agent's token. Empty is none. */
  readonly authKey?: string;
  /** How long the connection may take to come about. Serf's limit is the default. */
  readonly connectTimeoutMs?: number;
  /** How long an answer may take. Off by default: a leave takes up to eleven seconds, a join longer. */
  readonly replyTimeoutMs?: number;
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
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Connects, shakes hands, and shows the token if there is one. */
  static async connect(options: ConnectOptions = {}): Promise<Client> {
    const { address = '127.0.0.1:7373', connectTimeoutMs = 10_000 } = options;
    const socket = await dial(address, connectTimeoutMs);
    const client = new Client(new Connection(socket, options.replyTimeoutMs));
    try {
      await client.#greet(options.authKey ?? '');
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
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

  /** Log entries from `logLevel` (TRACE, DEBUG, INFO, WARN or ERR) up: the last 512, then what comes. */
  monitor(logLevel = 'INFO'): Promise<RecordStream<string>> {
    return this.#connection.subscribe(
      'monitor',
      { logLevel },
      (reader) => logRecord.read(reader).log,
    );
  }

  /** Events by a list such as `member-join,user:deploy,query`, without blanks; `*` is all. */
  stream(filter = '*'): Promise<RecordStream<EventRecord>> {
    return this.#connection.subscribe('stream', { type: filter }, (reader) =>
      eventRecord.read(reader),
    );
  }

  /** What the agent says of itself. */
  async stats(): Promise<Stats> {
    return this.#call('stats', undefined);
  }

  /** Ends the connection at once. Requests under way fail, streams end. Closing twice is harmless. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #greet(authKey: string): Promise<void> {
    try {
      await this.#call('handshake', { version: protocolVersion });
    } catch (error) {
      // Serf's words for a peer that answers in another language.
      if (!(error instanceof RpcError) || error.code !== 'PROTOCOL') throw error;
      throw new RpcError('PROTOCOL', 'client closed', { cause: error });
    }
    if (authKey !== '') await this.#call('auth', { authKey });
  }

  async #call<Name extends CommandName>(
    command: Name,
    request: RequestOf<Name>,
  ): Promise<ReplyOf<Name>> {
    const { error, reply } = await this.#connection.call(command, request);
    if (error !== '') throw new RpcError('REFUSED', error);
    return reply;
  }
}
