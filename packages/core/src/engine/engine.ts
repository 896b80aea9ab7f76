import type { Socket } from 'node:net';
import type { AdvertiseChoice } from '../net/advertise.js';
import { accepted, Dialler } from '../net/connection.js';
import { joinHostPort } from '../net/host-port.js';
import { parseJoinAddress } from '../net/join-address.js';
import { networksOf } from '../net/networks.js';
import { Resolver } from '../net/resolver.js';
import { systemErrorText } from '../net/system-error.js';
import { after } from '../net/timer.js';
import type { Transport } from '../net/transport.js';
import type { SerfMember } from '../serf/member.js';
import { SerfNode } from '../serf/serf-node.js';
import type { KnownPeer } from '../serf/snapshot/restored-state.js';
import type { Endpoint } from '../wire/endpoint.js';
import { type EngineParts, prepare } from './engine-parts.js';
import { joinAll } from './join.js';
import { Metrics } from './metrics/metrics.js';
import type { EngineCommand, EngineNotice, EngineOptions, EngineResult } from './protocol.js';
import { secureRandom } from './secure-random.js';
import { type Core, Shell } from './shell.js';
import { rejoin } from './snapshot/rejoin.js';
import type { Snapshot } from './snapshot/snapshot.js';
import { TimerQueue } from './timer-queue.js';

/** One node with its sockets and its clock: what a worker thread runs, or the application's own thread. */
export class Engine {
  readonly #parts: EngineParts;
  readonly #transport: Transport;
  readonly #node: SerfNode;
  readonly #shell: Shell;
  readonly #metrics: Metrics;
  readonly #timers: TimerQueue;
  readonly #random = secureRandom();
  readonly #resolver = new Resolver();
  readonly #dialler = new Dialler();
  readonly #tell: (notice: EngineNotice) => void;
  /** Joins run one at a time (spec/03 §10.1). */
  #joins: Promise<void> = Promise.resolve();
  #isClosed = false;
  #closing: Promise<void> | undefined;

  /** Binds, and makes this node a member of itself. Rejects with an EngineStartError; then nothing stays bound. */
  static async start(
    options: EngineOptions,
    tell: (notice: EngineNotice) => void,
  ): Promise<Engine> {
    const parts = await prepare(options);
    try {
      return new Engine(parts, tell);
    } catch (error) {
      await Promise.all([parts.transport.close(), parts.snapshot?.close()]);
      throw error;
    }
  }

  private constructor(parts: EngineParts, tell: (notice: EngineNotice) => void) {
    const { options, serf, seal, transport, choice, snapshot } = parts;
    this.#parts = parts;
    this.#tell = tell;
    this.#transport = transport;
    this.#timers = new TimerQueue({
      nowMs: () => performance.now(),
      after: (delayMs, run) => {
        const timer = after(delayMs, () => this.#guard(run));
        return () => timer.cancel();
      },
      nextTurn: (run) => setImmediate(() => this.#guard(run)),
      packetsSeen: () => transport.udp.received,
    });
    const { keys, keyringFile } = options;
    const keepsKeys = keyringFile !== undefined;
    this.#node = new SerfNode(serf, this.#random, snapshot?.restored, keys, keepsKeys);
    this.#shell = new Shell(
      {
        node: options.node,
        own: { host: choice.host, port: choice.port },
        keyringFile: options.keyringFile,
        nameAt: (at) => memberAt(this.#node.members(), at)?.name,
        streamTimeoutMs: serf.swim.streamTimeoutMs,
        seal,
        allowedSources:
          options.allowedNetworks.length === 0 ? undefined : networksOf(options.allowedNetworks),
      },
      snapshot === undefined ? this.#node : recorded(this.#node, snapshot),
      {
        nowMs: () => performance.now(),
        wallClockMs: () => Date.now(),
        at: (atMs, run) => this.#timers.at(atMs, run),
        send: (packet, to, failed) =>
          transport.udp.send(packet, to, failed && ((error) => this.#guard(() => failed(error)))),
        dial: (to, timeoutMs) => this.#dialler.dial(to, timeoutMs),
        lookUp: (address) => this.#lookUp(address),
        tell,
      },
      (error) => this.#die(error),
    );
    this.#metrics = new Metrics(this.#node, this.#shell.measures, snapshot?.measures);
    this.#logStart(choice);
    snapshot?.follow(this.#node, (line) => this.#shell.log.write(line));
    // Before anything is heard: nobody else may be the first to say who we are.
    this.#shell.feed({ type: 'start' });
    this.#listen();
    tell({
      type: 'started',
      local: this.#node.local,
      bind: { host: options.bind.host, port: transport.port },
    });
    const previous = snapshot?.previous ?? [];
    if (previous.length > 0) this.#rejoin(previous).catch((error) => this.#die(error));
  }

  #logStart(choice: AdvertiseChoice): void {
    const { options } = this.#parts;
    if (options.bind.port === 0) {
      const text = `memberlist: Using dynamic bind port ${this.#transport.port}`;
      this.#shell.log.write({ level: 'DEBUG', text });
    }
    const where = joinHostPort(choice.host, choice.port);
    const text = `memberlist: Advertising ${where} (${choice.reason})`;
    this.#shell.log.write({ level: 'INFO', text });
  }

  #listen(): void {
    const { streamTimeoutMs } = this.#parts.serf.swim;
    this.#transport.listen({
      packet: (bytes, from) => this.#guard(() => this.#shell.receivePacket(bytes, from)),
      stream: (socket: Socket) => {
        const connection = accepted(socket, streamTimeoutMs);
        if (connection !== undefined) this.#guard(() => this.#shell.receiveStream(connection));
      },
      error: (error) => {
        const text = `memberlist: socket error: ${systemErrorText(error)}`;
        this.#shell.log.write({ level: 'ERR', text, limit: 'socket' });
      },
    });
  }

  /** Carries out a command; how it ended comes as a `done` notice. */
  execute(command: Exclude<EngineCommand, { type: 'start' | 'received' }>): void {
    if (this.#isClosed && command.type !== 'shutdown') {
      this.#done(command.request, { type: 'error', message: 'the node is shut down' });
      return;
    }
    switch (command.type) {
      case 'join':
        this.#joins = this.#joins
          .then(() => this.#join(command))
          .catch((error) => this.#die(error));
        break;
      case 'leave':
        if (this.#node.state === 'alive') this.#parts.snapshot?.leave();
        this.#guard(() => this.#shell.feed(command));
        break;
      case 'forceLeave':
      case 'setTags':
      case 'userEvent':
      case 'query':
      case 'endQuery':
      case 'respond':
      case 'keys':
        this.#guard(() => this.#shell.feed(command));
        break;
      case 'stats':
        this.#done(command.request, { type: 'stats', stats: this.stats() });
        break;
      case 'metrics': {
        const metrics = this.#metrics.take(performance.now(), Date.now());
        this.#done(command.request, { type: 'metrics', metrics });
        break;
      }
      case 'coordinate': {
        const coordinate = this.#node.coordinate(command.node);
        this.#done(command.request, { type: 'coordinate', coordinate });
        break;
      }
      case 'shutdown':
        void this.close().then(() => this.#done(command.request, { type: 'ok' }));
        break;
      default:
        command satisfies never;
    }
  }

  async #join({
    request,
    addresses,
    replay,
  }: Extract<EngineCommand, { type: 'join' }>): Promise<void> {
    if (this.#node.state !== 'alive' || this.#isClosed) {
      const message = "Serf can't Join after Leave or Shutdown";
      this.#done(request, { type: 'error', message });
      return;
    }
    const result = await joinAll(addresses, {
      defaultPort: this.#transport.port,
      addressesOf: (host) => this.#resolver.addressesOf(host),
      pushPull: (to) => this.#shell.join(to, replay),
      log: (line) => this.#shell.log.write(line),
    });
    if (result.contacted > 0 && !this.#isClosed) {
      this.#shell.feed({ type: 'joinCompleted', contacted: result.contacted });
    }
    this.#done(request, { type: 'joined', ...result });
  }

  async #lookUp(text: string): Promise<readonly Endpoint[]> {
    const { host, port } = parseJoinAddress(text, this.#transport.port);
    const hosts = await this.#resolver.addressesOf(host);
    return hosts.map((each) => ({ host: each, port }));
  }

  /** Goes back to those who were members when this node ended (spec/03 §10.8). */
  async #rejoin(previous: readonly KnownPeer[]): Promise<void> {
    const { options, choice } = this.#parts;
    // It may have had another name.
    const isSelf = ({ name, endpoint }: KnownPeer) =>
      name === options.node || (endpoint.host === choice.host && endpoint.port === choice.port);
    const others = previous.filter((peer) => !isSelf(peer));
    const isWanted = () => !this.#isClosed && this.#node.state === 'alive';
    const hasJoined = await rejoin(others, {
      random: this.#random,
      // What was delivered before is held back by its Lamport time; what was missed is wanted.
      pushPull: (to) => this.#shell.join(to, true),
      log: (line) => this.#shell.log.write(line),
      isWanted,
    });
    // Serf leaves it at the exchange; an announcement refreshes what others know (spec/03 §24, 5).
    if (hasJoined && isWanted()) this.#shell.feed({ type: 'joinCompleted', contacted: 1 });
  }

  /** Serf's own keys (spec/03 §20.1), and behind them the counts of what was refused or dropped. */
  stats(): Record<string, string> {
    const { udp } = this.#transport;
    const { counters, membership } = this.#node;
    return {
      ...this.#node.stats(),
      encrypted: String(this.#parts.seal.keyring?.enabled ?? false),
      ...this.#shell.keyStats(),
      packets_received: String(udp.received),
      dropped_sends: String(udp.sendsDropped),
      failed_sends: String(udp.sendErrors),
      bad_messages: String(counters.badMessages),
      old_events: String(counters.oldEvents),
      old_queries: String(counters.oldQueries),
      flaps: String(counters.flaps),
      refused_intents: String(counters.intentsRefused),
      dropped_intents: String(counters.intentsDropped),
      dropped_event_messages: String(counters.eventsDropped),
      dropped_query_messages: String(counters.queriesDropped),
      rejected_coordinates: String(counters.coordinates.rejected),
      lost_peers: String(counters.lostPeers),
      dropped_broadcasts: String(membership.droppedBroadcasts),
      ...this.#parts.snapshot?.stats(),
      ...refusalCounts(membership.refusals),
      ...this.#shell.counters.asText(),
    };
  }

  /** Closes sockets and timers; resolves when the port is free. Others see a failure unless the node has left. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  #shutDown(): Promise<void> {
    if (this.#node.state !== 'left') {
      this.#shell.log.write({ level: 'WARN', text: 'serf: Shutdown without a Leave' });
    }
    return this.#release();
  }

  #release(): Promise<void> {
    this.#isClosed = true;
    this.#timers.stop();
    this.#dialler.close();
    const { snapshot } = this.#parts;
    const closing = [this.#transport.close(), this.#shell.close(), snapshot?.close()];
    return Promise.all(closing).then(() => undefined);
  }

  #done(request: number, result: EngineResult): void {
    this.#tell({ type: 'done', request, result });
  }

  /** An error in here is one of our own: the engine cannot be trusted any more. */
  #guard(run: () => void): void {
    if (this.#isClosed) return;
    try {
      run();
    } catch (error) {
      this.#die(error);
    }
  }

  #die(cause: unknown): void {
    if (this.#isClosed) return;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#shell.log.write({ level: 'ERR', text: `serf: the engine stopped: ${error.message}` });
    this.#closing = this.#release();
    this.#tell({ type: 'died', message: error.message, stack: error.stack });
  }
}

/** The node as the shell sees it, with a snapshot that hears what it says. */
function recorded(node: SerfNode, snapshot: Snapshot): Core {
  return {
    handle: (input, nowMs) => {
      const outputs = node.handle(input, nowMs);
      snapshot.hear(outputs);
      return outputs;
    },
  };
}

function memberAt(members: readonly SerfMember[], { host, port }: Endpoint) {
  return members.find(({ endpoint }) => endpoint.host === host && endpoint.port === port);
}

function refusalCounts(refusals: Readonly<Record<string, number>>): Record<string, string> {
  const entries = Object.entries(refusals).map(([reason, count]) => [
    `refused_message_${reason}`,
    String(count),
  ]);
  return Object.fromEntries(entries);
}
