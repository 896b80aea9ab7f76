import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CoordinateRecord, Stats } from '@tserf/client';
import { type Cluster, ClusterError, type LogLevel, printable, type SerfMember } from '@tserf/core';
import { goQuote } from '@tserf/core/go-quote';
import { agentStats } from './agent-stats.js';
import { type AgentConfig, defaultConfig } from './config/agent-config.js';
import type { Discovery } from './discovery/discovery.js';
import { EventLoop } from './events/event-loop.js';
import { eventText } from './events/event-text.js';
import { HandlerSlot, preloadHandlers } from './handlers/handler-slot.js';
import { type LogRecord, logRecord } from './log-record.js';
import { LogRing } from './log-ring.js';
import { Metrics } from './metrics/metrics.js';
import { type ReloadableConfig, reloadableOf } from './reload/reloadable.js';
import { observe, reportOf } from './rpc/cluster-answers.js';
import type {
  HostEvent,
  HostKeyReport,
  HostQueryObserver,
  HostQueryRequest,
  RpcHost,
} from './rpc/host.js';
import type { RpcServer } from './rpc/rpc-server.js';
import { AgentStartError } from './start-error.js';
import { openTags, startCluster, tellKeyring } from './start-parts.js';
import type { LocalTags, TagChanges } from './tags/local-tags.js';

/** A node's name, and whatever differs from Serf's defaults. */
export interface AgentOptions extends Partial<AgentConfig> {
  readonly node: string;
}

export interface AgentObserver {
  /** Hears of every log record, of every level, from the first one of the start on. */
  readonly onLog?: ((record: LogRecord) => void) | undefined;
}

/** Why an agent is no more: it was told to end, or its engine broke. */
export type AgentEnd =
  | { readonly type: 'shutdown' }
  | { readonly type: 'failed'; readonly error: Error };

type Log = (level: LogLevel, text: string) => void;

/**
 * One node: a member of the cluster, and the RPC listener by which it is driven. Several may run in one process. It
 * joins nobody by itself: that is up to whoever starts it.
 *
 * ```ts
 * const agent = await Agent.start({ node: 'web-1', bind: { host: '127.0.0.1', port: 7946 } });
 * await agent.join(['10.0.0.5']);
 * ```
 */
export class Agent implements RpcHost {
  /** The last records, for monitors. */
  readonly logs: LogRing;
  /** Writes a record to the ring and to the observer. `text` begins with its component: `agent: …`. */
  readonly log: Log;
  /** Resolves when the agent has ended, whoever ended it. */
  readonly closed: Promise<AgentEnd>;
  #config: AgentConfig;
  readonly #cluster: Cluster;
  readonly #tags: LocalTags;
  readonly #events = new EventLoop();
  readonly #metrics: Metrics;
  #discovery: Discovery | undefined;
  readonly #handlers: HandlerSlot;
  #rpc: RpcServer | undefined;
  #shutdown: Promise<void> | undefined;

  /**
   * Binds gossip and RPC; resolves when both are served.
   *
   * @throws {AgentStartError} when one of them cannot be had; then nothing stays open
   */
  static async start(options: AgentOptions, observer: AgentObserver = {}): Promise<Agent> {
    const config: AgentConfig = { ...defaultConfig, ...options };
    const logs = new LogRing();
    let { onLog } = observer;
    const log: Log = (level, text) => {
      const record = logRecord(level, text, new Date());
      logs.add(record);
      onLog?.(record);
    };
    const tags = await openTags(config, log);
    await tellKeyring(config, log);
    log('INFO', 'agent: Serf agent starting');
    // The engine's thread starts meanwhile, so that loading the server costs the start nothing.
    const [agent, { RpcListenError, RpcServer }] = await Promise.all([
      // At once: a turn later the first events would find nobody who listens.
      startCluster({ ...config, tags: tags.current }).then(
        (cluster) => new Agent(config, logs, log, tags, cluster),
      ),
      import('./rpc/rpc-server.js'),
      preloadHandlers(config),
    ]);
    // The engine's lines of the start are older than whatever the agent says from here on.
    await nextTurn();
    try {
      await agent.#handlers.replace(config);
      if (config.discover !== '') agent.#discovery = await agent.#startDiscovery();
      const { rpcAddr: address, rpcAuth: authKey } = config;
      const count = (what: 'accept' | 'command') => agent.#metrics.count(`agent.ipc.${what}`);
      agent.#rpc = await RpcServer.start({ address, authKey, count }, agent, log);
      return agent;
    } catch (error) {
      // How it is taken down again is no news, and would stand in front of the reason.
      onLog = undefined;
      await agent.shutdown();
      if (!(error instanceof RpcListenError)) throw error;
      const message = `Error starting RPC listener: ${error.message}`;
      throw new AgentStartError('RPC_FAILED', message, { cause: error });
    }
  }

  private constructor(
    config: AgentConfig,
    logs: LogRing,
    log: Log,
    tags: LocalTags,
    cluster: Cluster,
  ) {
    this.#config = config;
    this.logs = logs;
    this.log = log;
    this.#tags = tags;
    this.#cluster = cluster;
    this.#metrics = new Metrics({ config, log, take: () => cluster.metrics() });
    this.#handlers = new HandlerSlot({
      localNode: () => ({ name: config.node, tags: cluster.local.tags }),
      respond: (query, payload) => cluster.respond(query, payload),
      log,
      ran: (script, ms) => this.#metrics.sample(`agent.invoke.${script}`, ms),
    });
    cluster.on('log', ({ level, text }) => log(level, text));
    cluster.on('event', (event) => this.#events.take(event));
    this.subscribe((event) => log('INFO', `agent: Received event: ${eventText(event)}`));
    this.subscribe((event) => this.#handlers.take(event));
    this.closed = cluster.closed.then(
      () => ({ type: 'shutdown' }),
      (error: Error) => this.#ended(error),
    );
  }

  /** What counts now: what a reload has changed is in it. */
  get config(): AgentConfig {
    return this.#config;
  }

  /** Where RPC is served; the port is the real one, also where 0 was configured. */
  get rpcAddress(): { readonly host: string; readonly port: number } {
    if (this.#rpc === undefined) throw new Error('an agent without its RPC listener');
    return this.#rpc.address;
  }

  /** Where gossip is bound; the port is the real one, also where 0 was configured. */
  get bindAddress(): { readonly host: string; readonly port: number } {
    return this.#cluster.bind;
  }

  members(): readonly SerfMember[] {
    return this.#cluster.members;
  }

  /**
   * Contacts all addresses and resolves to how many answered.
   *
   * @throws {JoinError} when none did
   */
  async join(
    addresses: readonly string[],
    options: { readonly replay?: boolean } = {},
  ): Promise<number> {
    const { replay = false } = options;
    this.log('INFO', `agent: joining: [${printable(addresses.join(' '))}] replay: ${replay}`);
    try {
      const count = await this.#cluster.join(addresses, { replay });
      if (count > 0) this.log('INFO', `agent: joined: ${count} nodes`);
      return count;
    } catch (error) {
      this.log('WARN', `agent: error joining: ${messageOf(error)}`);
      throw error;
    }
  }

  /** Says goodbye: resolves when the others know, about a second later. The agent still answers until `shutdown`. */
  leave(): Promise<void> {
    this.log('INFO', 'agent: requesting graceful leave from Serf');
    this.#discovery?.stop();
    return this.#cluster.leave();
  }

  /** Makes a failed member one that left; `prune` forgets it at once. */
  async forceLeave(node: string, options: { readonly prune: boolean }): Promise<void> {
    const how = options.prune ? ' (prune)' : '';
    this.log('INFO', `agent: Force leaving node${how}: ${printable(node)}`);
    try {
      await this.#cluster.forceLeave(node, options);
    } catch (error) {
      this.log('WARN', `agent: failed to remove node: ${messageOf(error)}`);
      throw error;
    }
  }

  /** Changes this node's tags, in the tags file first, and waits until the news is out. */
  updateTags(changes: TagChanges): Promise<void> {
    return this.#tags.update(changes, (tags) => this.#cluster.setTags(tags));
  }

  /** Tells every member; resolves when the news is on its way. */
  async event(name: string, payload: Uint8Array | undefined, coalesce: boolean): Promise<void> {
    this.log(
      'DEBUG',
      `agent: Requesting user event send: ${printable(name)}. Coalesced: ${coalesce}. Payload: ${shown(payload)}`,
    );
    try {
      await this.#cluster.event(name, payload, { coalesce });
    } catch (error) {
      this.log('WARN', `agent: failed to send user event: ${messageOf(error)}`);
      throw error;
    }
  }

  /** Asks the members; resolves when the question is on its way, to what ends it. What comes back goes to the observer. */
  async query(request: HostQueryRequest, observer: HostQueryObserver): Promise<() => void> {
    const { name, payload, ...options } = request;
    this.log(
      'DEBUG',
      `agent: Requesting query send: ${printable(name)}. Payload: ${shown(payload)}`,
    );
    try {
      const query = await this.#cluster.query(name, payload, options);
      void observe(query, observer);
      return () => query.close();
    } catch (error) {
      this.log('WARN', `agent: failed to start user query: ${messageOf(error)}`);
      throw error;
    }
  }

  /** Answers a query by the number that its event has. */
  async respond(query: number, payload: Uint8Array | undefined): Promise<void> {
    await this.#cluster.respond(query, payload);
  }

  installKey(key: string): Promise<HostKeyReport> {
    this.log('INFO', 'agent: Initiating key installation');
    return reportOf(this.#cluster.installKey(key));
  }

  useKey(key: string): Promise<HostKeyReport> {
    this.log('INFO', 'agent: Initiating primary key change');
    return reportOf(this.#cluster.useKey(key));
  }

  removeKey(key: string): Promise<HostKeyReport> {
    this.log('INFO', 'agent: Initiating key removal');
    return reportOf(this.#cluster.removeKey(key));
  }

  listKeys(): Promise<HostKeyReport> {
    this.log('INFO', 'agent: Initiating key listing');
    return reportOf(this.#cluster.listKeys());
  }

  /** Where a member stands in the network; undefined when that is not known. */
  async coordinate(node: string): Promise<CoordinateRecord | undefined> {
    const coordinate = await this.#cluster.coordinate(node);
    if (coordinate === undefined) return undefined;
    const { vec: vector, ...lengths } = coordinate;
    return { vector, ...lengths };
  }

  /**
   * Takes over what of a new configuration can change while the agent runs. Tags that were set at run time stay. Rejects
   * with the reason when the new tags cannot be had; everything else is taken over all the same.
   */
  async reload(config: ReloadableConfig): Promise<void> {
    const before = this.#config;
    this.#config = { ...before, ...reloadableOf(config) };
    await this.#handlers.replace(config);
    try {
      await this.#tags.reload(before.tags, config.tags, (tags) => this.#cluster.setTags(tags));
    } catch (error) {
      // The next reload tries again.
      if (this.#config.tags === config.tags) this.#config = { ...this.#config, tags: before.tags };
      throw error;
    }
  }

  async stats(): Promise<Stats> {
    const serf = await this.#cluster.stats();
    const { tags } = this.#cluster.local;
    return agentStats({
      node: this.config.node,
      tags,
      serf,
      eventHandlers: this.#handlers.eventHandlers(),
      handlers: this.#handlers.counters(),
    });
  }

  /** What was measured in the last minute, as Serf writes it on SIGUSR1 (spec/07 §13.4). */
  telemetry(): string {
    return this.#metrics.dump();
  }

  /** Calls `listener` for every event, gathered as Serf gathers them, until the returned function is called. */
  subscribe(listener: (event: HostEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  /** Ends everything. Without a `leave` before, others see a failure. Harmless when done. */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#end();
    return this.#shutdown;
  }

  /** Serf ends as if it was told to when its name went to another. */
  async #ended(error: Error): Promise<AgentEnd> {
    if (!(error instanceof ClusterError && error.code === 'NAME_CONFLICT')) {
      return { type: 'failed', error };
    }
    this.log('WARN', 'agent: Serf shutdown detected, quitting');
    await this.shutdown();
    return { type: 'shutdown' };
  }

  async #startDiscovery(): Promise<Discovery> {
    const [{ Discovery }, { DiscoveryError }] = await Promise.all([
      import('./discovery/discovery.js'),
      import('./discovery/service.js'),
    ]);
    try {
      return await Discovery.start({
        config: this.config,
        self: this.#cluster.local.endpoint,
        join: (addresses, options) => this.join(addresses, options),
        alive: () =>
          this.members()
            .filter(({ status }) => status === 'alive')
            .map(({ endpoint }) => endpoint),
        log: this.log,
      });
    } catch (error) {
      if (!(error instanceof DiscoveryError)) throw error;
      const message = `Error starting mDNS listener: ${error.message}`;
      throw new AgentStartError('MDNS_FAILED', message, { cause: error });
    }
  }

  async #end(): Promise<void> {
    this.log('INFO', 'agent: requesting serf shutdown');
    this.#events.stop();
    this.#discovery?.stop();
    this.#metrics.stop();
    await Promise.all([this.#rpc?.close(), this.#cluster.shutdown(), this.#handlers.stop()]);

    this.log('INFO', 'agent: shutdown complete');
  }
}

/**
 * Of a payload, what the log has at most: whether it is too large to be sent is only found out later. Quoted, each byte
 * may become four letters, and a record must have room for them and for what follows.
 */
const shownBytes = 2_048;

/** A payload for the log, as Go quotes it. */
function shown(payload: Uint8Array = new Uint8Array()): string {
  const quoted = goQuote(payload.subarray(0, shownBytes));
  return payload.length > shownBytes ? `${quoted}… (${payload.length} bytes in all)` : quoted;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
