import type { Coordinate } from '../coordinates/coordinate.js';
import { distanceMs } from '../coordinates/distance.js';
import type { Metric } from '../engine/metrics/metrics.js';
import type { EngineOptions } from '../engine/protocol.js';
import type { SerfMember, Tags } from '../serf/member.js';
import type { KeyReport } from '../serf/output.js';
import { decodeKeyText, KeyTextError } from '../wire/key-text.js';
import { optionalPayloadOf, payloadOf, tagsOf, textOf, textsOf } from './arguments.js';
import { ClusterError, JoinError, KeysError, keysProblem } from './cluster-error.js';
import type { ClusterEvent, ClusterEvents, IncomingClusterQuery } from './cluster-events.js';
import { type ClusterOptions, resolveOptions } from './cluster-options.js';
import { Deliveries } from './deliveries.js';
import { type ClusterNotice, type Command, EngineLink, unexpected, within } from './engine-link.js';
import { type Query, type QueryOptions, queryRequest, RunningQuery } from './query.js';
import { type QueryResponder, Responders } from './responders.js';
import { RunningQueries } from './running-queries.js';

/** How long a `await using` block may take to say good-bye before the node goes without. */
const farewellMs = 5_000;

/**
 * A member of a cluster: the handle of one node, whose engine runs in a thread of its own. The list of members is a mirror
 * that the engine keeps up to date; it is always there, without asking.
 *
 * ```ts
 * const cluster = await Cluster.start({ node: 'api-1', join: ['10.0.0.5'] });
 * cluster.on('member-failed', ({ members }) => console.log('gone:', members[0]?.name));
 * ```
 */
export class Cluster implements AsyncDisposable {
  /** This node's name. */
  readonly name: string;
  /**
   * Resolves when the node was shut down. Rejects with a ClusterError when it ended by itself: `ENGINE_DIED`, or
   * `NAME_CONFLICT` when another member has its name. Nobody has to look.
   */
  readonly closed: Promise<void>;
  readonly #link: EngineLink;
  readonly #deliveries = new Deliveries();
  readonly #responders = new Responders((line) => this.#deliveries.log(line));
  readonly #queries = new RunningQueries();
  readonly #members = new Map<string, SerfMember>();
  #memberList: readonly SerfMember[] | undefined;
  #local: SerfMember | undefined;
  #bind: { readonly host: string; readonly port: number } | undefined;
  #leaving: Promise<void> | undefined;

  private constructor(options: EngineOptions, inThread: boolean) {
    this.name = options.node;
    this.#link = new EngineLink(inThread, {
      notice: (notice) => this.#hear(notice),
      ended: (end) => this.#ended(end),
    });
    this.closed = this.#link.closed;
  }

  /**
   * Starts a node and, with `join`, makes it a member of a cluster. Rejects with a ClusterError (a JoinError when no address
   * of `join` answered); then nothing stays bound and no thread is left. Events of the start, such as this node's own
   * `member-join`, are delivered a turn after the promise resolved, so that a listener added at once hears them.
   */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const resolved = await resolveOptions(options);
    const cluster = new Cluster(resolved, options.thread ?? true);
    try {
      await cluster.#link.start(resolved);
      if (options.join !== undefined && options.join.length > 0) await cluster.join(options.join);
    } catch (error) {
      await cluster.shutdown();
      throw error;
    }
    setImmediate(() => cluster.#deliveries.begin());
    return cluster;
  }

  /** This node as others see it. */
  get local(): SerfMember {
    if (this.#local === undefined) throw new Error('a cluster handle without its own member');
    return this.#local;
  }

  /** Where this node listens; the port is the real one, also where 0 was asked for. */
  get bind(): { readonly host: string; readonly port: number } {
    if (this.#bind === undefined) throw new Error('a cluster handle without an address');
    return this.#bind;
  }

  /** Every known member of any status, this node included. The same array until something changes. */
  get members(): readonly SerfMember[] {
    this.#memberList ??= Object.freeze([...this.#members.values()]);
    return this.#memberList;
  }

  member(name: string): SerfMember | undefined {
    return this.#members.get(name);
  }

  /**
   * Contacts all `addresses` (`host`, `host:port`, `name/host:port`; a missing port is this node's own) and returns how many
   * answered; none, of at least one, rejects with a JoinError. `replay` asks for user events of before.
   */
  async join(
    addresses: readonly string[],
    options: { readonly replay?: boolean } = {},
  ): Promise<number> {
    const replay = options.replay ?? false;
    const texts = textsOf(addresses, 'addresses');
    const result = await this.#link.request({ type: 'join', addresses: texts, replay });
    if (result.type !== 'joined') throw unexpected(result);
    if (result.contacted === 0 && result.errors.length > 0) throw new JoinError(result.errors);
    return result.contacted;
  }

  /**
   * Tells the others that this node goes, and waits until they know (about a second). The node still answers until
   * `shutdown`. Harmless when it has left.
   */
  leave(): Promise<void> {
    this.#leaving ??= this.#link.expectOk({ type: 'leave' });
    return this.#leaving;
  }

  /** Makes a failed member one that left, so that nobody tries to reach it any more; `prune` forgets it at once. */
  async forceLeave(node: string, options: { readonly prune?: boolean } = {}): Promise<void> {
    const prune = options.prune ?? false;
    await this.#link.expectOk({ type: 'forceLeave', node: textOf(node, 'node'), prune });
  }

  /** Replaces this node's tags, and waits until the news is out. */
  async setTags(tags: Tags): Promise<void> {
    await this.#link.expectOk({ type: 'setTags', tags: tagsOf(tags, 'tags') });
  }

  /**
   * Tells every member that something happened, this one included; resolves when the news is on its way. `name` and
   * `payload` together have 512 bytes at most (`serf.userEventSizeLimit`), a few of which the message itself takes.
   * No payload and an empty one arrive as what they are. With `coalesce`, agents that get several events of this name
   * within seconds may give their handlers the last alone.
   */
  async event(
    name: string,
    payload?: Uint8Array | string,
    options: { readonly coalesce?: boolean } = {},
  ): Promise<void> {
    await this.#link.expectOk({
      type: 'userEvent',
      name: textOf(name, 'name'),
      payload: optionalPayloadOf(payload),
      coalesce: options.coalesce === true,
    });
  }

  /**
   * Asks all members, or those that the options name, this one included; resolves when the question is on its way. The
   * answers come over the returned query. Rejects with a ClusterError `REFUSED` when the question cannot be sent, because
   * it is too large (1 KiB) for one.
   *
   * ```ts
   * const query = await cluster.query('load', '15m', { filterTags: { role: 'web' } });
   * for await (const { from, payload } of query.responses()) console.log(from, String(Buffer.from(payload ?? '')));
   * ```
   */
  async query(
    name: string,
    payload?: Uint8Array | string,
    options: QueryOptions = {},
  ): Promise<Query> {
    const asked = queryRequest(name, payload, options);
    const request = this.#link.nextRequest();
    const query = new RunningQuery(name, () => {
      this.#queries.remove(request);
      // A node that is gone has nothing to end.
      this.#link.expectOk({ type: 'endQuery', query: request }).catch(() => undefined);
    });
    this.#queries.add(request, query);
    try {
      await this.#link.request({ type: 'query', query: asked }, request);
      return query;
    } catch (error) {
      this.#queries.remove(request);
      throw error;
    }
  }

  /**
   * Answers queries of one name with what `responder` returns; `undefined` gives no answer. What it throws is logged,
   * and the asker gets none. An answer may be larger than a packet: it then travels by stream, up to 1 MiB. Throws when
   * the name has a responder already.
   */
  onQuery(name: string, responder: QueryResponder): this {
    this.#responders.add(name, responder);
    return this;
  }

  offQuery(name: string): this {
    this.#responders.remove(name);
    return this;
  }

  /** Answers a received query by its number (`IncomingClusterQuery.query`), as its `respond` does. */
  async respond(query: number, payload?: Uint8Array | string): Promise<void> {
    await this.#link.expectOk({ type: 'respond', query, payload: optionalPayloadOf(payload) });
  }

  /**
   * Gives every member a key to open messages with; raw, or in base64. The first of three steps of a rotation: install
   * the new key, use it, remove the old one. Rejects with a KeysError when not all alive members have it then.
   */
  installKey(key: Uint8Array | string): Promise<KeyReport> {
    return this.#changeKeys('install', key);
  }

  /** Makes every member seal with a key that all have. Rejects with a KeysError when not all alive members do. */
  useKey(key: Uint8Array | string): Promise<KeyReport> {
    return this.#changeKeys('use', key);
  }

  /** Takes a key from every member that does not seal with it. Rejects with a KeysError when not all alive members did. */
  removeKey(key: Uint8Array | string): Promise<KeyReport> {
    return this.#changeKeys('remove', key);
  }

  /** How many members hold each key, and seal with it. Rejects with a KeysError when not all alive members answer. */
  listKeys(): Promise<KeyReport> {
    return this.#changeKeys('list', undefined);
  }

  /**
   * What Serf measures, under Serf's names without `serf-agent.`: what happened since the last call, so it is for one
   * caller.
   */
  async metrics(): Promise<readonly Metric[]> {
    const result = await this.#link.request({ type: 'metrics' });
    if (result.type !== 'metrics') throw unexpected(result);
    return result.metrics;
  }

  /** Serf's statistics under Serf's keys, and what was refused or dropped, as decimal text. */
  async stats(): Promise<Record<string, string>> {
    const result = await this.#link.request({ type: 'stats' });
    if (result.type !== 'stats') throw unexpected(result);
    const dropped = this.#deliveries.dropped + this.#queries.dropped;
    return {
      ...result.stats,
      dropped_deliveries: String(dropped),
      unanswered_queries: String(this.#responders.unanswered),
    };
  }

  /**
   * The place of a node in the network, this node's own by default; `undefined` for a node that this one has not probed
   * yet, and where coordinates are disabled.
   */
  async coordinate(node: string = this.name): Promise<Coordinate | undefined> {
    const result = await this.#link.request({ type: 'coordinate', node: textOf(node, 'node') });
    if (result.type !== 'coordinate') throw unexpected(result);
    return result.coordinate;
  }

  /**
   * The estimated round trip between two nodes in milliseconds, `b` being this node by default; `undefined` when the place of
   * either is not known. Nothing is sent.
   */
  async rtt(a: string, b: string = this.name): Promise<number | undefined> {
    const [one, other] = await Promise.all([this.coordinate(a), this.coordinate(b)]);
    return one === undefined || other === undefined ? undefined : distanceMs(one, other);
  }

  /** Closes sockets and thread. Without a `leave` before, others see a failure. Harmless when done. */
  shutdown(): Promise<void> {
    return this.#link.shutdown();
  }

  /** Calls `listener` for each event of a type. What it throws is logged, and harms nobody else. */
  on<Type extends keyof ClusterEvents>(
    type: Type,
    listener: (event: ClusterEvents[Type]) => unknown,
  ): this {
    this.#deliveries.listeners.add(type, listener);
    return this;
  }

  off<Type extends keyof ClusterEvents>(
    type: Type,
    listener: (event: ClusterEvents[Type]) => unknown,
  ): this {
    this.#deliveries.listeners.remove(type, listener);
    return this;
  }

  /**
   * The events from now on, for `for await`: members, user events and queries, told apart by `type`. A reader that falls
   * behind loses the oldest (`dropped_deliveries` in the stats). Ends with the shutdown; throws when the engine died.
   */
  events(): AsyncIterableIterator<ClusterEvent> {
    return this.#deliveries.read();
  }

  [Symbol.asyncIterator](): AsyncIterator<ClusterEvent> {
    return this.events();
  }

  /** Leaves, for which it has five seconds, then shuts down: others see a node that went, not one that failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#link.end === undefined) {
      await within(
        farewellMs,
        this.leave().catch(() => undefined),
      );
    }
    await this.shutdown();
  }

  // ── The engine's side ──────────────────────────────────────────────────────────────────────────────────────────

  #hear(notice: ClusterNotice): void {
    switch (notice.type) {
      case 'started':
        this.#bind = notice.bind;
        this.#setMember(notice.local);
        break;
      case 'memberChanged':
        this.#setMember(notice.member);
        break;
      case 'memberForgotten':
        this.#members.delete(notice.name);
        this.#memberList = undefined;
        break;
      case 'event':
        this.#hearEvent(notice.event);
        break;
      case 'queryStarted':
      case 'queryAck':
      case 'queryResponse':
      case 'queryDone':
        this.#queries.hear(notice);
        break;
      case 'conflictLost': {
        const text = `another member is called '${this.name}', and the cluster sides with that one`;
        this.#link.evict(new ClusterError('NAME_CONFLICT', text));
        break;
      }
      case 'log':
        this.#deliveries.log({ level: notice.level, text: notice.text });
        break;
      default:
        notice satisfies never;
    }
  }

  #setMember(member: SerfMember): void {
    this.#members.set(member.name, member);
    this.#memberList = undefined;
    if (member.name === this.name) this.#local = member;
  }

  #hearEvent(event: Extract<ClusterNotice, { type: 'event' }>['event']): void {
    if (event.type !== 'query') {
      this.#deliveries.event(event);
      return;
    }
    const query: IncomingClusterQuery = {
      ...event,
      respond: (payload) => this.respond(event.query, payload),
    };
    this.#deliveries.event(query, () => void this.#responders.answer(query));
  }

  #ended(end: ClusterError): void {
    const isDeath = end.code === 'ENGINE_DIED';
    if (isDeath) this.#deliveries.log({ level: 'ERR', text: `serf: ${end.message}` });
    this.#queries.fail(end, isDeath);
    this.#deliveries.end(isDeath ? end : undefined);
  }

  async #changeKeys(
    operation: Extract<Command, { type: 'keys' }>['operation'],
    key: Uint8Array | string | undefined,
  ): Promise<KeyReport> {
    const bytes = operation === 'list' ? undefined : keyBytes(key);
    const result = await this.#link.request({
      type: 'keys',
      operation,
      key: bytes,
      relayFactor: 0,
    });
    if (result.type !== 'keys') throw unexpected(result);
    if (keysProblem(result.report) !== undefined) throw new KeysError(result.report);
    return result.report;
  }
}

function keyBytes(key: Uint8Array | string | undefined): Uint8Array {
  if (typeof key !== 'string') return payloadOf(key, 'key');
  try {
    return decodeKeyText(key);
  } catch (cause) {
    if (!(cause instanceof KeyTextError)) throw cause;
    throw new ClusterError('BAD_KEY', cause.message, { cause });
  }
}
