import {
  DecodeError,
  decodeMessage,
  type Endpoint,
  type KeyOperation,
  type Keyring,
  type OpenedPacket,
  openPacket,
  type PacketSeal,
  type QueryHandle,
  type RequestId,
  type SerfInput,
  SerfNode,
  type SerfNotice,
  type SerfOptions,
  type SerfOutput,
  type SerfTimer,
  type Tags,
} from '@tserf/core/pure';
import { Conversation } from './conversation.js';
import { KeptSnapshot } from './kept-snapshot.js';
import { queryOf } from './requests.js';
import { type Fault, keyOf } from './scenario.js';
import type { Address, World } from './world.js';

/** What became of a process. Only one that is `up` takes part; it may be paused. */
export type Fate = 'up' | 'notStarted' | 'crashed' | 'left';

/** Something that waits until a paused process runs again. `bytes` counts against the socket's buffer. */
interface Waiting {
  readonly bytes: number;
  readonly run: () => void;
}

/** What the kernel keeps for a process that doesn't read, as on a stock Linux. */
const socketBufferBytes = 212_992;
/** What the kernel charges for keeping a datagram, besides its bytes. */
const keepingBytes = 768;

/**
 * One machine and the process on it: it gives the pure node a clock, timers and sockets, as the shell does in
 * production, and can crash, pause and come back.
 */
export class Host {
  readonly name: string;
  readonly index: number;
  readonly #world: World;
  /** Each machine's monotonic clock started at another moment. */
  readonly #clockOriginMs: number;
  #clockMs = Number.NEGATIVE_INFINITY;
  #node: SerfNode | undefined;
  #options: SerfOptions | undefined;
  #life = 0;
  #fate: Fate = 'notStarted';
  #isSilent = false;
  #address: Address;
  #tags: Tags;
  /** How many faults keep the process from running just now. */
  #pauses = 0;
  #resumeWith: 'packets' | 'timers' = 'packets';
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #dueTimers: { readonly timer: SerfTimer; readonly atMs: number }[] = [];
  #packetDelayMs = 0;
  #lastRequest: RequestId = 0;
  #leaveRequest: RequestId | undefined;
  #conversation: Conversation;
  readonly #snapshot: KeptSnapshot | undefined;
  /** What this machine seals and opens with; `undefined` without encryption. */
  keyring: Keyring | undefined;
  /** Timers that were asked for and have not come, by their kind. */
  readonly outstandingTimers = new Map<string, number>();

  constructor(
    place: { readonly name: string; readonly index: number; readonly tags: Tags },
    address: Address,
    world: World,
  ) {
    this.name = place.name;
    this.index = place.index;
    this.#tags = place.tags;
    this.#address = address;
    this.#world = world;
    this.#snapshot = world.keepsSnapshots ? new KeptSnapshot(place.name) : undefined;
    this.#conversation = this.#converse(new Set());
    this.#clockOriginMs = world.random.fork(place.index).between(0, 1e9);
  }

  get endpoint(): Endpoint {
    return this.#address.endpoint;
  }

  get tags(): Tags {
    return this.#tags;
  }

  get fate(): Fate {
    return this.#fate;
  }

  /** Counts starts and ends: what was begun in one life means nothing in the next. */
  get life(): number {
    return this.#life;
  }

  get isUp(): boolean {
    return this.#fate === 'up';
  }

  /** The machine is gone with the process: it doesn't even refuse connections. */
  get isSilent(): boolean {
    return this.#isSilent && !this.isUp;
  }

  get isPaused(): boolean {
    return this.#pauses > 0;
  }

  /** What this life said and heard. */
  get conversation(): Conversation {
    return this.#conversation;
  }

  get seal(): PacketSeal {
    return { ...this.#world.seal, keyring: this.keyring };
  }

  /** The running node; asking for that of a host that is not up is an error of the simulator. */
  get node(): SerfNode {
    if (this.#node === undefined) throw new Error(`${this.name} is not up: it has no node.`);
    return this.#node;
  }

  get options(): SerfOptions {
    if (this.#options === undefined) throw new Error(`${this.name} was never started.`);
    return this.#options;
  }

  get streamTimeoutMs(): number {
    return this.options.swim.streamTimeoutMs;
  }

  /** The machine's own monotonic time; never goes back, also not by a rounding error. */
  nowMs(): number {
    this.#clockMs = Math.max(this.#clockMs, this.#world.time.nowMs + this.#clockOriginMs);
    return this.#clockMs;
  }

  /** What one of this machine's times is on the simulation's clock. */
  virtualMs(localMs: number): number {
    return localMs - this.#clockOriginMs;
  }

  /** Starts a process that remembers no more than its snapshot, at the given address or the last one. */
  start(address = this.#address, tags = this.#tags): void {
    if (this.isUp) return;
    this.#address = address;
    this.#tags = tags;
    this.#life += 1;
    // A leave takes the clocks out of the snapshot: then events of before may come again.
    const remembers = this.#snapshot !== undefined && this.#fate === 'crashed';
    this.#fate = 'up';
    this.#isSilent = false;
    this.#options = this.#world.optionsFor(this.name, address, tags);
    const random = this.#world.random.fork(1_000_000 + this.index * 1_000 + this.#life);
    this.#conversation = this.#converse(remembers ? this.#conversation.delivered : new Set());
    // Its file outlives the process.
    this.keyring ??= this.#world.keyring();
    const restored = this.#snapshot?.begin();
    this.#node = new SerfNode(this.#options, random.next, restored, this.keyring?.keys);
    this.#world.started(this);
    this.feed({ type: 'start' });
    if (restored === undefined || restored.peers.length === 0) this.join();
    else this.#rejoin(restored.peers.map(({ endpoint }) => endpoint));
  }

  /** Ends the process without a word. */
  crash(silent: boolean): void {
    if (!this.isUp) return;
    this.#stop('crashed');
    this.#isSilent = silent;
  }

  /** Asks the node to leave; the process ends when it says that it is done. */
  leave(): void {
    this.whenRunning(this.#life, () => {
      if (this.#leaveRequest !== undefined) return;
      this.#leaveRequest = this.#nextRequest();
      this.#snapshot?.leave(this.node);
      this.feed({ type: 'leave', request: this.#leaveRequest });
    });
  }

  forceLeave(node: string, prune: boolean): void {
    this.whenRunning(this.#life, () =>
      this.feed({ type: 'forceLeave', request: this.#nextRequest(), node, prune }),
    );
  }

  setTags(tags: Tags): void {
    if (!this.isUp) return;
    this.#tags = tags;
    this.whenRunning(this.#life, () =>
      this.feed({ type: 'setTags', request: this.#nextRequest(), tags }),
    );
  }

  sendEvent(name: string): void {
    this.whenRunning(this.#life, () =>
      this.feed({
        type: 'userEvent',
        request: this.#nextRequest(),
        name,
        payload: undefined,
        coalesce: false,
      }),
    );
  }

  ask(fault: Extract<Fault, { do: 'query' }>): void {
    this.whenRunning(this.#life, () => {
      const request = this.#nextRequest();
      this.#conversation.asked(request, fault.name);
      this.feed({ type: 'query', request, query: queryOf(fault) });
    });
  }

  changeKeys(operation: KeyOperation, key: number | undefined): void {
    const bytes = key === undefined ? undefined : keyOf(key);
    this.whenRunning(this.#life, () => {
      const request = this.#nextRequest();
      this.feed({ type: 'keys', request, operation, key: bytes, relayFactor: 0 });
    });
  }

  /** Dials all seeds as a join does; when none answers, again later. */
  join(): void {
    const life = this.#life;
    const seeds = this.#world.seedsFor(this);
    let open = seeds.length;
    let contacted = 0;
    const finished = (success: boolean): void => {
      open -= 1;
      if (success) contacted += 1;
      if (open > 0) return;
      const { time, retryJoinMs } = this.#world;
      time.at(time.nowMs, () =>
        this.whenRunning(life, () => {
          if (contacted > 0) this.feed({ type: 'joinCompleted', contacted });
          else time.at(time.nowMs + retryJoinMs, () => this.whenRunning(life, () => this.join()));
        }),
      );
    };
    for (const seed of seeds) this.#world.streams.pushPull(this, seed, true, finished);
  }

  /** Dials those who were members before, one after another, until one answers; then it is up to healing. */
  #rejoin([to, ...others]: readonly Endpoint[]): void {
    if (to === undefined) return;
    const life = this.#life;
    const { time, streams } = this.#world;
    streams.pushPull(this, to, true, (success) =>
      time.at(time.nowMs, () =>
        this.whenRunning(life, () => {
          if (success) this.feed({ type: 'joinCompleted', contacted: 1 });
          else this.#rejoin(others);
        }),
      ),
    );
  }

  /** Holds the process; returns what lets it run again, unless another fault still holds it. */
  pause(first: 'packets' | 'timers' = 'packets'): () => void {
    const life = this.#life;
    if (!this.isUp) return () => undefined;
    this.#pauses += 1;
    this.#resumeWith = first;
    let isOver = false;
    return () => {
      if (isOver || life !== this.#life) return;
      isOver = true;
      this.#pauses -= 1;
      if (!this.isPaused) this.#catchUp();
    };
  }

  /** Lets packets reach the process later than they came, while its timers are on time. */
  delayPackets(byMs: number): () => void {
    this.#packetDelayMs += byMs;
    return () => {
      this.#packetDelayMs -= byMs;
    };
  }

  /** Runs `action` now, or when the process runs again; never when the process of this `life` is gone. */
  whenRunning(life: number, action: () => void, bytes = 0): void {
    if (!this.isUp || life !== this.#life) return;
    if (!this.isPaused) {
      action();
      return;
    }
    if (this.#waitingBytes + bytes > socketBufferBytes) {
      this.#world.network.counters.overflowed += 1;
      return;
    }
    this.#waitingBytes += bytes;
    this.#waiting.push({ bytes, run: () => this.whenRunning(life, action) });
  }

  /** A datagram arrived at the machine. */
  receive(packet: Uint8Array, from: Endpoint): void {
    const life = this.#life;
    const bytes = packet.length + keepingBytes;
    const take = (): void => this.whenRunning(life, () => this.#read(packet, from), bytes);
    if (this.#packetDelayMs === 0) take();
    else this.#world.time.at(this.#world.time.nowMs + this.#packetDelayMs, take);
  }

  /** Hands one input to the node and carries out what it asks for. */
  feed(input: SerfInput): void {
    const nowMs = this.nowMs();
    this.#world.hash.word(this.index);
    this.#world.hash.float(this.#world.time.nowMs);
    this.#world.hash.text(input.type);
    const outputs = this.#world.checks.guard(this, input, () => this.node.handle(input, nowMs));
    if (outputs === undefined) return;
    this.#snapshot?.hear(outputs, this.node);
    for (const output of outputs) this.#perform(output);
    this.#world.checks.afterStep(this, input, outputs);
  }

  /** Makes bytes that this node produced part of the run's fingerprint. */
  trace(bytes: Uint8Array): void {
    this.#world.hash.bytes(bytes);
  }

  #perform(output: SerfOutput): void {
    const { streams } = this.#world;
    switch (output.type) {
      case 'packet':
        this.#world.send(this, output);
        break;
      case 'schedule':
        this.#schedule(output.timer, output.atMs);
        break;
      case 'streamProbe':
        streams.probe(this, output.to, output.ping, this.virtualMs(output.deadlineMs));
        break;
      case 'pushPull':
        streams.pushPull(this, output.to, output.join);
        break;
      case 'lookUp':
        this.#lookUp(output.address);
        break;
      case 'contact':
        this.#contact(output.address, output.to);
        break;
      case 'pushPullSend':
        streams.sendState(output.exchange, output.state);
        break;
      case 'pushPullMerged':
        streams.merged(output.exchange, output.refusal);
        break;
      case 'done':
        if (output.request === this.#leaveRequest) this.#leaveDone();
        break;
      case 'streamUser':
        streams.sendUser(this, output.to, output.message);
        break;
      case 'keyringChanged':
        this.keyring?.replace(output.keys);
        break;
      case 'report':
        this.#world.observe(this, output);
        break;
      default:
        this.#hear(output);
    }
  }

  #lookUp(address: string): void {
    const life = this.#life;
    const { time } = this.#world;
    time.at(time.nowMs, () =>
      this.whenRunning(life, () => {
        const endpoints = [this.#world.lookUp(address)];
        this.feed({ type: 'seedFound', address, endpoints });
      }),
    );
  }

  #contact(address: string, to: Endpoint): void {
    const life = this.#life;
    const { time, streams } = this.#world;
    streams.pushPull(this, to, true, (success) => {
      if (!success) return;
      time.at(time.nowMs, () =>
        this.whenRunning(life, () => this.feed({ type: 'seedReached', address })),
      );
    });
  }

  #hear(notice: SerfNotice): void {
    this.#world.observe(this, notice);
    this.#conversation.hear(notice);
  }

  #converse(deliveredBefore: ReadonlySet<string>): Conversation {
    const { time, checks } = this.#world;
    return new Conversation({
      node: this.name,
      deliveredBefore,
      nowMs: () => time.nowMs,
      virtualMs: (ms) => this.virtualMs(ms),
      answer: (query) => this.#respond(query),
      broken: (rule, detail) => checks.report(rule, this, detail),
    });
  }

  /** Answers with the own name, after all else that the node asks for just now. */
  #respond(query: QueryHandle): void {
    const life = this.#life;
    const { time } = this.#world;
    time.at(time.nowMs, () =>
      this.whenRunning(life, () => {
        const request = this.#nextRequest();
        this.feed({ type: 'respond', request, query, payload: textBytes(this.name) });
      }),
    );
  }

  #schedule(timer: SerfTimer, atMs: number): void {
    const life = this.#life;
    const kind = timerKind(timer);
    this.#count(kind, 1);
    this.#world.time.at(this.virtualMs(atMs), () => {
      if (life !== this.#life || !this.isUp) return;
      this.#count(kind, -1);
      if (this.isPaused) this.#dueTimers.push({ timer, atMs });
      else this.#fire(timer, atMs);
    });
  }

  #fire(timer: SerfTimer, atMs: number): void {
    // Adding and taking away the clock's origin may round: a timer never comes before its time.
    this.#clockMs = Math.max(this.#clockMs, atMs);
    this.feed({ type: 'timer', timer });
  }

  #read(packet: Uint8Array, from: Endpoint): void {
    const life = this.#life;
    const opened = this.#open(packet);
    if (opened === undefined) return;
    for (const error of opened.rejected) this.#world.checks.unreadable(this, error);
    for (const part of opened.parts) {
      if (life !== this.#life) return;
      try {
        this.feed({ type: 'message', message: decodeMessage(part), from, via: 'packet' });
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        this.#world.checks.unreadable(this, error);
      }
    }
  }

  /** A packet under a key that this machine has not is lost; everything else can be read. */
  #open(packet: Uint8Array): OpenedPacket | undefined {
    try {
      return openPacket(packet, this.seal);
    } catch (error) {
      if (!(error instanceof DecodeError) || this.keyring === undefined) throw error;
      this.#world.network.counters.unopened += 1;
      return undefined;
    }
  }

  /** Works off what came during a pause: as the shell does, packets before timers, or the other way round. */
  #catchUp(): void {
    const waiting = this.#waiting;
    const timers = this.#dueTimers;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#dueTimers = [];
    const packets = (): void => {
      for (const { run } of waiting) run();
    };
    if (this.#resumeWith === 'packets') packets();
    for (const { timer, atMs } of timers) this.#fire(timer, atMs);
    if (this.#resumeWith === 'timers') packets();
  }

  #leaveDone(): void {
    const life = this.#life;
    const { time } = this.#world;
    time.at(time.nowMs, () => {
      if (life === this.#life) this.#stop('left');
    });
  }

  #stop(fate: Fate): void {
    this.#life += 1;
    this.#fate = fate;
    this.#node = undefined;
    this.#pauses = 0;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#dueTimers = [];
    this.#leaveRequest = undefined;
    this.outstandingTimers.clear();
    this.#world.stopped(this);
  }

  #nextRequest(): RequestId {
    this.#lastRequest += 1;
    return this.#lastRequest;
  }

  #count(kind: string, change: 1 | -1): void {
    this.outstandingTimers.set(kind, (this.outstandingTimers.get(kind) ?? 0) + change);
  }
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function timerKind(timer: SerfTimer): string {
  return timer.type === 'swim' ? `swim.${timer.timer.type}` : timer.type;
}
