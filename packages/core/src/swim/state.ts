import type { Endpoint } from '../wire/endpoint.js';
import { encodeMessage } from '../wire/message-codec.js';
import type { GossipMessage } from '../wire/messages.js';
import { AllowedNetworks } from './allowed-networks.js';
import { Awareness } from './awareness.js';
import { BroadcastQueue } from './broadcast-queue.js';
import type { SwimHooks } from './hooks.js';
import { IncarnationCounter } from './incarnation.js';
import type { Token } from './input.js';
import { type Entry, isPresent, MemberList } from './member-list.js';
import { OpenPings } from './open-pings.js';
import type { SwimOptions } from './options.js';
import type { SwimNotice, SwimOutput } from './output.js';
import type { Random } from './random.js';
import { RateTable } from './rate-table.js';
import { RefusalCounts, type RefusalReason } from './refusals.js';
import { SharedAddresses } from './shared-address.js';
import { Stalls } from './stalls.js';
import type { Suspicion } from './suspicion.js';
import { SwimMeasures } from './swim-measures.js';
import type { SwimTimer } from './timer.js';

const nothing: SwimOutput[] = Object.freeze([] as SwimOutput[]) as SwimOutput[];

/** A line in the log per second and subject is enough; the counters know the rest. */
const reportIntervalMs = 1_000;
const staleAnswerIntervalMs = 1_000;
const rateTableLimit = 1_024;

/** A compound's header and the length of its one part (spec/01 §4.3). */
const singlePartBytes = 4;

/**
 * What the parts of the engine share: the list, the queue, this node's own numbers, and the outputs of the input that
 * is being handled. It holds no rule of the protocol.
 */
export class SwimState {
  readonly options: SwimOptions;
  readonly hooks: SwimHooks;
  readonly random: Random;
  readonly members: MemberList;
  readonly queue: BroadcastQueue;
  readonly awareness: Awareness;
  readonly networks: AllowedNetworks;
  readonly incarnations = new IncarnationCounter();
  readonly openPings: OpenPings;
  readonly stalls: Stalls;
  /** Running suspicions by the suspect's name. */
  readonly suspicions = new Map<string, Suspicion>();
  readonly sharedAddresses = new SharedAddresses();
  readonly refusalCounts = new RefusalCounts();
  readonly measures = new SwimMeasures();
  readonly reportRates = new RateTable({ intervalMs: reportIntervalMs, limit: rateTableLimit });
  readonly staleAnswerRates = new RateTable({
    intervalMs: staleAnswerIntervalMs,
    limit: rateTableLimit,
  });
  /** The time of the input that is being handled. */
  nowMs = 0;
  /** Whom that input came from, for log lines. */
  origin: Endpoint | undefined;
  /** This node said goodbye; it stays up to spread that. */
  hasLeft = false;
  packetOverheadBytes: number;
  #self: Entry | undefined;
  #lastSuspicionId = 0;
  #outputs: SwimOutput[] = [];
  readonly #waits = new Set<Token>();

  constructor(options: SwimOptions, hooks: SwimHooks, random: Random) {
    this.options = options;
    this.hooks = hooks;
    this.random = random;
    this.packetOverheadBytes = options.packetOverheadBytes;
    this.members = new MemberList(random);
    this.awareness = new Awareness(options.awarenessMaxMultiplier);
    this.networks = new AllowedNetworks(options.allowedNetworks);
    this.openPings = new OpenPings(random);
    this.stalls = new Stalls(options.probeTimeoutMs);
    this.queue = new BroadcastQueue({
      retransmitMult: options.retransmitMult,
      limit: options.broadcastQueueLimit,
      maxMessageBytes: this.#longestBroadcastBytes(),
    });
  }

  /** This node's own entry. Throws before the start. */
  get self(): Entry {
    if (this.#self === undefined) throw new Error('The membership engine was not started yet.');
    return this.#self;
  }

  set self(entry: Entry) {
    this.#self = entry;
  }

  get isStarted(): boolean {
    return this.#self !== undefined;
  }

  /** Whether anybody else could hear us. */
  get hasCompany(): boolean {
    return this.members.presentCount > Number(isPresent(this.self.member));
  }

  emit(output: SwimOutput): void {
    this.#outputs.push(output);
  }

  /** What this input led to. An empty list is shared by all inputs that lead to nothing. */
  takeOutputs(): SwimOutput[] {
    if (this.#outputs.length === 0) return nothing;
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  schedule(timer: SwimTimer, atMs: number): void {
    this.emit({ type: 'schedule', timer, atMs });
  }

  /** Counts what is not taken, and reports it unless the same was reported just now. */
  refuse(reason: RefusalReason, detail: string): void {
    this.refusalCounts.count(reason);
    if (!this.mayReport(reason)) return;
    this.emit({ type: 'report', code: 'refused', reason, detail });
  }

  nextSuspicionId(): number {
    this.#lastSuspicionId += 1;
    return this.#lastSuspicionId;
  }

  mayReport(subject: string): boolean {
    return this.reportRates.allows(subject, this.nowMs);
  }

  /** Queues a message about a member: at most one per name, the newest wins, whatever it says (spec/02 §15). */
  broadcast(message: GossipMessage & { readonly node: string }, token?: Token): void {
    const isQueued = this.queue.add(encodeMessage(message), { name: message.node, token });
    if (isQueued) return;
    this.refuse('tooLong', message.node);
    if (token !== undefined) this.finishWait(token, 'pruned');
  }

  setPacketOverhead(bytes: number): void {
    this.packetOverheadBytes = bytes;
    this.queue.setMaxMessageBytes(this.#longestBroadcastBytes());
  }

  /** From now on the layer above waits until the broadcast with this token is finished, or the time is over. */
  startWait(token: Token, timeoutMs: number): void {
    this.#waits.add(token);
    if (timeoutMs > 0) {
      this.schedule({ type: 'broadcastWait', token }, this.nowMs + timeoutMs);
    }
  }

  /** Ends a wait once; later reasons for the same token have no effect. */
  finishWait(
    token: Token,
    outcome: Extract<SwimNotice, { type: 'broadcastFinished' }>['outcome'],
  ): void {
    if (this.#waits.delete(token)) this.emit({ type: 'broadcastFinished', token, outcome });
  }

  #longestBroadcastBytes(): number {
    return this.options.packetBudgetBytes - this.packetOverheadBytes - singlePartBytes;
  }
}
