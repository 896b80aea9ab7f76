import type { Coordinate } from '../coordinates/coordinate.js';
import { distanceMs } from '../coordinates/distance.js';
import { type EngineHost, inlineHost, workerHost } from '../engine/host.js';
import {
  type EngineCommand,
  type EngineNotice,
  type EngineOptions,
  type EngineResult,
  type LogLevel,
  shutdownRequest,
} from '../engine/protocol.js';
import { after } from '../net/timer.js';
import type { MemberEvent, MemberEventType, SerfMember, Tags } from '../serf/member.js';
import { ClusterError, type ClusterErrorCode, JoinError } from './cluster-error.js';
import { type ClusterOptions, resolveOptions } from './cluster-options.js';
import { EventStream } from './event-stream.js';
import { Listeners } from './listeners.js';

/** One line of the log, in Serf's words where Serf has them; time and format are the application's. */
export interface ClusterLogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** What `on` and `off` take: a member event by its type, all of them as `event`, and the log. */
export type ClusterEvents = { readonly [Type in MemberEventType]: MemberEvent } & {
  readonly event: MemberEvent;
  readonly log: ClusterLogLine;
};

/** How long a `await using` block may take to say good-bye before the node goes without. */
const farewellMs = 5_000;

/** How long the engine may take to close its sockets before its thread is ended. */
const shutdownMs = 2_000;

/** Events and lines of the time before anybody could listen; beyond it the oldest are dropped and counted. */
const heldLimit = 16_384;

type Command = EngineCommand extends infer C ? (C extends { request: number } ? C : never) : never;
type CommandWithout<C> = C extends { request: number } ? Omit<C, 'request'> : never;

interface Request {
  resolve(result: EngineResult): void;
  reject(error: Error): void;
}

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
   * Resolves when the node was shut down. Rejects with a ClusterError `ENGINE_DIED` when its engine ended by itself;
   * nobody has to look.
   */
  readonly closed: Promise<void>;
  readonly #host: EngineHost;
  readonly #listeners: Listeners<ClusterEvents>;
  readonly #streams = new Set<EventStream<MemberEvent>>();
  readonly #members = new Map<string, SerfMember>();
  readonly #requests = new Map<number, Request>();
  #memberList: readonly SerfMember[] | undefined;
  #local: SerfMember | undefined;
  #bind: { readonly host: string; readonly port: number } | undefined;
  #lastRequest = shutdownRequest;
  #dropped = 0;
  /** Deliveries that wait until the caller of `start` had a chance to listen. */
  #held: (() => void)[] | undefined = [];
  #starting: { resolve(): void; reject(error: Error): void } | undefined;
  #leaving: Promise<void> | undefined;
  #shuttingDown: Promise<void> | undefined;
  #settleClosed: { resolve(): void; reject(error: Error): void };
  /** Why nothing goes any more. */
  #end: ClusterError | undefined;

  private constructor(options: EngineOptions, inThread: boolean) {
    this.name = options.node;
    this.#listeners = new Listeners((type, error) => this.#listenerFailed(type, error));
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

  /**
   * Starts a node and, with `join`, makes it a member of a cluster. Rejects with a ClusterError (a JoinError when no address
   * of `join` answered); then nothing stays bound and no thread is left. Events of the start, such as this node's own
   * `member-join`, are delivered a turn after the promise resolved, so that a listener added at once hears them.
   */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const resolved = await resolveOptions(options);
    const cluster = new Cluster(resolved, options.thread ?? true);
    try {
      await cluster.#start(resolved);
      if (options.join !== undefined && options.join.length > 0) await cluster.join(options.join);
    } catch (error) {
      await cluster.shutdown();
      throw error;
    }
    setImmediate(() => cluster.#deliverHeld());
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
    const result = await this.#request({ type: 'join', addresses: [...addresses], replay });
    if (result.type !== 'joined') throw unexpected(result);
    if (result.contacted === 0 && result.errors.length > 0) throw new JoinError(result.errors);
    return result.contacted;
  }

  /**
   * Tells the others that this node goes, and waits until they know (about a second). The node still answers until
   * `shutdown`. Harmless when it has left.
   */
  leave(): Promise<void> {
    this.#leaving ??= this.#expectOk({ type: 'leave' });
    return this.#leaving;
  }

  /** Makes a failed member one that left, so that nobody tries to reach it any more; `prune` forgets it at once. */
  forceLeave(node: string, options: { readonly prune?: boolean } = {}): Promise<void> {
    return this.#expectOk({ type: 'forceLeave', node, prune: options.prune ?? false });
  }

  /** Replaces this node's tags, and waits until the news is out. */
  setTags(tags: Tags): Promise<void> {
    return this.#expectOk({ type: 'setTags', tags: { ...tags } });
  }

  /** Serf's statistics under Serf's keys, and what was refused or dropped, as decimal text. */
  async stats(): Promise<Record<string, string>> {
    const result = await this.#request({ type: 'stats' });
    if (result.type !== 'stats') throw unexpected(result);
    const unread = [...this.#streams].reduce((sum, stream) => sum + stream.dropped, 0);
    return { ...result.stats, dropped_deliveries: String(this.#dropped + unread) };
  }

  /**
   * The place of a node in the network, this node's own by default; `undefined` for a node that this one has not probed
   * yet, and where coordinates are disabled.
   */
  async coordinate(node: string = this.name): Promise<Coordinate | undefined> {
    const result = await this.#request({ type: 'coordinate', node });
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
    this.#shuttingDown ??= this.#shutDown();
    return this.#shuttingDown;
  }

  /** Calls `listener` for each event of a type. What it throws is logged, and harms nobody else. */
  on<Type extends keyof ClusterEvents>(
    type: Type,
    listener: (event: ClusterEvents[Type]) => unknown,
  ): this {
    this.#listeners.add(type, listener);
    return this;
  }

  off<Type extends keyof ClusterEvents>(
    type: Type,
    listener: (event: ClusterEvents[Type]) => unknown,
  ): this {
    this.#listeners.remove(type, listener);
    return this;
  }

  /**
   * The member events from now on, for `for await`. A reader that falls behind loses the oldest (`dropped_deliveries` in
   * the stats). Ends with the shutdown; throws when the engine died.
   */
  events(): AsyncIterableIterator<MemberEvent> {
    const stream = new EventStream<MemberEvent>((left) => {
      this.#dropped += left.dropped;
      this.#streams.delete(left);
    });
    if (this.#end === undefined) this.#streams.add(stream);
    else stream.end(this.#end.code === 'SHUT_DOWN' ? undefined : this.#end);
    return stream;
  }

  [Symbol.asyncIterator](): AsyncIterator<MemberEvent> {
    return this.events();
  }

  /** Leaves, for which it has five seconds, then shuts down: others see a node that went, not one that failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#end === undefined) {
      await within(
        farewellMs,
        this.leave().catch(() => undefined),
      );
    }
    await this.shutdown();
  }

  // ── The engine's side ──────────────────────────────────────────────────────────────────────────────────────────

  #start(options: EngineOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#starting = { resolve, reject };
      this.#host.send({ type: 'start', options });
    });
  }

  #hear(notice: EngineNotice): void {
    switch (notice.type) {
      case 'started':
        this.#bind = notice.bind;
        this.#setMember(notice.local);
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
      case 'memberChanged':
        this.#setMember(notice.member);
        break;
      case 'memberForgotten':
        this.#members.delete(notice.name);
        this.#memberList = undefined;
        break;
      case 'event':
        this.#deliver(() => this.#tellEvent(notice.event));
        break;
      case 'log':
        this.#deliver(() => this.#listeners.call('log', notice));
        break;
      case 'done':
        this.#requests.get(notice.request)?.resolve(notice.result);
        this.#requests.delete(notice.request);
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

  #tellEvent(event: MemberEvent): void {
    this.#listeners.call(event.type, event);
    this.#listeners.call('event', event);
    for (const stream of this.#streams) stream.push(event);
  }

  #deliver(run: () => void): void {
    if (this.#held === undefined) {
      run();
      return;
    }
    this.#held.push(run);
    if (this.#held.length <= heldLimit) return;
    this.#held.shift();
    this.#dropped += 1;
  }

  #deliverHeld(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const run of held) run();
  }

  #engineEnded(cause: Error | undefined): void {
    // On the way out, an end is what was asked for.
    if (this.#shuttingDown !== undefined) this.#finish(shutDownError());
    else this.#finish(diedOf(cause ?? new Error('its thread ended without a word')));
  }

  /** Nothing goes from here on: whoever waits is told, once. */
  #finish(end: ClusterError): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    const isDeath = end.code === 'ENGINE_DIED';
    if (isDeath) {
      const text = `serf: ${end.message}`;
      this.#deliver(() => this.#listeners.call('log', { level: 'ERR', text }));
    }
    this.#starting?.reject(end);
    this.#starting = undefined;
    for (const request of this.#requests.values()) request.reject(end);
    this.#requests.clear();
    for (const stream of this.#streams) stream.end(isDeath ? end : undefined);
    if (isDeath) this.#settleClosed.reject(end);
  }

  // ── Requests ───────────────────────────────────────────────────────────────────────────────────────────────────

  async #expectOk(command: CommandWithout<Command>): Promise<void> {
    const result = await this.#request(command);
    if (result.type !== 'ok') throw unexpected(result);
  }

  async #request(command: CommandWithout<Command>): Promise<EngineResult> {
    if (this.#end !== undefined) throw this.#end;
    if (this.#shuttingDown !== undefined) throw shutDownError();
    this.#lastRequest += 1;
    const result = await this.#ask({ ...command, request: this.#lastRequest } as Command);
    if (result.type === 'error') throw new ClusterError('REFUSED', result.message);
    return result;
  }

  #ask(command: Command): Promise<EngineResult> {
    return new Promise((resolve, reject) => {
      this.#requests.set(command.request, { resolve, reject });
      this.#host.send(command);
    });
  }

  async #shutDown(): Promise<void> {
    if (this.#end === undefined) {
      const farewell = this.#ask({ type: 'shutdown', request: shutdownRequest });
      await within(
        shutdownMs,
        farewell.catch(() => undefined),
      );
    }
    this.#finish(shutDownError());
    await this.#host.stop();
    this.#settleClosed.resolve();
  }

  #listenerFailed(type: keyof ClusterEvents, error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const text = `cluster: a listener for '${type}' threw: ${reason}`;
    // A log listener that throws would be asked to log its own failure.
    if (type !== 'log' && this.#listeners.has('log')) {
      this.#listeners.call('log', { level: 'ERR', text });
    } else {
      process.emitWarning(text, 'ClusterWarning');
    }
  }
}

function diedOf(cause: Error): ClusterError {
  return new ClusterError('ENGINE_DIED', `the engine stopped: ${cause.message}`, { cause });
}

function shutDownError(): ClusterError {
  return new ClusterError('SHUT_DOWN', 'the node is shut down');
}

function unexpected(result: EngineResult): Error {
  return new Error(`the engine answered with '${result.type}'`);
}

/** Waits for `work`, but not longer. */
async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = after(limitMs, resolve);
    void work.finally(() => {
      timer.cancel();
      resolve();
    });
  });
}
