import type { Coordinate } from '../coordinates/coordinate.js';
import type { ExchangeId, SwimInput } from '../swim/input.js';
import type { SwimNotice, SwimOutput } from '../swim/output.js';
import type { Random } from '../swim/random.js';
import { Swim } from '../swim/swim.js';
import { formatEndpoint } from '../wire/endpoint.js';
import { encodeSerfMessage } from '../wire/serf-codec.js';
import { BadMessages } from './bad-messages.js';
import { BroadcastQueues } from './broadcast-queues.js';
import { Departures, type NodeState } from './departures.js';
import { Healing } from './healing/healing.js';
import type { SerfInput } from './input.js';
import { Intents } from './intents.js';
import type { SerfMember } from './member.js';
import { Members } from './members.js';
import { MessageRouter } from './message-router.js';
import type { SerfOptions } from './options.js';
import { serfOptionsProblem } from './options-problem.js';
import type { SerfOutput } from './output.js';
import { OwnTags } from './own-tags.js';
import { QueryLayer } from './query-layer.js';
import { reconnectTarget } from './reconnect.js';
import { type CoordinateCounters, RoundTrips } from './round-trips.js';
import { SerfMeasures } from './serf-measures.js';
import type { RestoredState } from './snapshot/restored-state.js';
import type { ClockTimes } from './snapshot/snapshot-recorder.js';
import { StateExchange } from './state-exchange.js';
import type { SerfTimer } from './timer.js';
import { UserEvents } from './user-events.js';

/** Names the one ping on demand that this layer has under way. */
const rivalPing = 0;

/** The membership layer without its door for inputs. */
export type MembershipView = Pick<
  Swim,
  | 'allMembers'
  | 'member'
  | 'memberCount'
  | 'healthScore'
  | 'queuedBroadcasts'
  | 'droppedBroadcasts'
  | 'refusals'
  | 'measures'
>;

/** What a node counted since it was made. */
export interface SerfCounters {
  /** Failed members that came back within the flap timeout (spec/03 §12). */
  readonly flaps: number;
  /** Messages that could not be read or believed, or that nobody here takes. */
  readonly badMessages: number;
  /** User events that were delivered, this node's own included. */
  readonly userEvents: number;
  /** Queries that were for this node, its own included. */
  readonly queries: number;
  /** What came so late that nobody can say whether it was news (spec/03 §13.2, §14.4). */
  readonly oldEvents: number;
  readonly oldQueries: number;
  /** What came back to this node's own queries, and how much of it had come before. */
  readonly queryAcks: number;
  readonly queryDuplicateAcks: number;
  readonly queryResponses: number;
  readonly queryDuplicateResponses: number;
  /** Intents for unknown names that found no room. */
  readonly intentsRefused: number;
  /** Messages that a full queue or its supervision dropped. */
  readonly intentsDropped: number;
  readonly eventsDropped: number;
  readonly queriesDropped: number;
  readonly coordinates: CoordinateCounters;
  /** Peers that are no members, and are asked now and then whether they are there. */
  readonly lostPeers: number;
}

/**
 * One whole node without its sockets: the membership layer, and on top of it Serf's statuses, intents, clocks and
 * queues. Everything it does is a list of outputs; it reads no clock and waits for nothing.
 */
export class SerfNode {
  /** What is taken from these starts anew. */
  readonly measures = new SerfMeasures();
  readonly #options: SerfOptions;
  readonly #random: Random;
  readonly #swim: Swim;
  readonly #queues: BroadcastQueues;
  readonly #members: Members;
  readonly #intents: Intents;
  readonly #events: UserEvents;
  readonly #asking: QueryLayer;
  readonly #exchange: StateExchange;
  readonly #departures: Departures;
  readonly #roundTrips: RoundTrips;
  readonly #healing: Healing;
  readonly #router: MessageRouter;
  readonly #tags: OwnTags;
  /** The exchange whose answer is merged just now; `ignoreOld` when it belongs to a join that wants no old events. */
  #answered: { readonly exchange: ExchangeId; readonly ignoreOld: boolean } | undefined;
  readonly #badMessages = new BadMessages();
  #nowMs = 0;
  #outputs: SerfOutput[] = [];

  /**
   * Throws when `serfOptionsProblem` names a problem: ask it first. With what a snapshot `restored`, the node goes on where
   * it was: no event is delivered again. `keys` are the cluster's, the primary first; none without encryption. With
   * `keepsKeys`, whoever asks for a change of keys is answered when the shell has kept them (`keyringKept`).
   */
  constructor(
    options: SerfOptions,
    random: Random,
    restored?: RestoredState,
    keys: readonly Uint8Array[] = [],
    keepsKeys = false,
  ) {
    const problem = serfOptionsProblem(options);
    if (problem !== undefined) throw new Error(problem);
    const self = options.swim.name;
    const emit = this.#emit;
    const refuse = (detail: string) => this.#refuse(detail);

    this.#options = options;
    this.#random = random;
    this.#tags = new OwnTags(options, {
      emit,
      announce: (token) =>
        this.#feedSwim({
          type: 'updateMeta',
          token,
          timeoutMs: options.broadcastTimeoutMs,
        }),
    });
    const { measures } = this;
    this.#roundTrips = new RoundTrips(
      { ...options, self },
      random,
      emit,
      (ms) => measures.adjustments.add(ms, this.#nowMs),
      restored?.coordinate,
    );
    this.#queues = new BroadcastQueues(options);
    this.#members = new Members(
      {
        ...options,
        self,
        pruneDelayMs: options.broadcastTimeoutMs + options.leavePropagateDelayMs,
        memberLimit: options.swim.memberLimit,
        recentIntentLimit: options.swim.memberLimit,
      },
      emit,
      (name) => this.#healing.departureHeard(name),
    );
    const members = this.#members;
    this.#healing = new Healing(
      { self, seeds: options.seeds, replaySeeds: options.replaySeeds },
      {
        members,
        random,
        emit,
        ping: (token, node, to) => this.#feedSwim({ type: 'ping', token, node, to, stream: true }),
      },
    );
    const queue = this.#queues.intents;
    this.#intents = new Intents({ self, members, queue, emit, refuse });
    this.#events = new UserEvents(options, { queue: this.#queues.events, emit, refuse });
    this.#asking = new QueryLayer(
      options,
      { keys, keepsKeys },
      {
        members,
        queue: this.#queues.queries,
        random,
        tags: () => this.#tags.tags,
        aliveCount: () => this.#swim.aliveCount,
        send: (to, node, body) => this.#feedSwim({ type: 'sendUser', to, node, body }),
        receive: (body) => this.#router.receive(body, this.#nowMs),
        pingRival: (to) =>
          this.#feedSwim({ type: 'ping', token: rivalPing, node: self, to, stream: true }),
        isStaying: () => this.state === 'alive',
        nowMs: () => this.#nowMs,
        emit,
        refuse,
      },
    );
    this.#exchange = new StateExchange({
      members,
      intents: this.#intents,
      events: this.#events,
      queries: this.#asking.queries,
      refuse,
    });
    this.#router = new MessageRouter({
      intents: this.#intents,
      events: this.#events,
      queries: this.#asking.queries,
      collectors: this.#asking.collectors,
      relays: this.#asking.relays,
      exchange: this.#exchange,
      emit,
      refuse,
    });
    this.#departures = new Departures(
      { ...options, self },
      {
        members,
        intents: this.#intents,
        queue,
        emit,
        leaveMembership: (token) =>
          this.#feedSwim({ type: 'leave', token, timeoutMs: options.broadcastTimeoutMs }),
      },
    );
    this.#swim = new Swim(
      options.swim,
      {
        nodeMeta: () => this.#tags.meta(),
        broadcasts: (overheadBytes, limitBytes) => {
          const messages = this.#queues.collect(overheadBytes, limitBytes, members.size);
          for (const { length } of messages) measures.sent.add(length, this.#nowMs);
          return messages;
        },
        localState: () => encodeSerfMessage(this.#exchange.localState()),
        ackPayload: () => this.#roundTrips.payload,
      },
      random,
    );
    // A status time of 0 means "never": no message may carry it.
    for (const { clock } of [this.#intents, this.#events, this.#asking.queries]) clock.increment();
    if (restored !== undefined) this.#restore(restored);
  }

  /** Takes one input at `nowMs` (monotonic) and says what must happen next; it does nothing by itself. */
  handle(input: SerfInput, nowMs: number): SerfOutput[] {
    this.#nowMs = nowMs;
    this.#outputs = [];
    this.#take(input);
    this.#departures.settle(nowMs);
    return this.#outputs;
  }

  /** This node as the others see it. Throws before the `start`. */
  get local(): SerfMember {
    const member = this.#members.get(this.#options.swim.name);
    if (member === undefined) throw new Error('the node was asked for itself before its start');
    return member;
  }

  get state(): NodeState {
    return this.#departures.state;
  }

  /** What the layer below holds: incarnations, suspicions, queue. To look at, for tests and simulations. */
  get membership(): MembershipView {
    return this.#swim;
  }

  /** Members of any status, this node included. */
  get memberCount(): number {
    return this.#members.size;
  }

  members(): readonly SerfMember[] {
    return this.#members.all();
  }

  member(name: string): SerfMember | undefined {
    return this.#members.get(name);
  }

  /** What the next intent, event and query made here will carry, under the names that snapshots use. */
  get clocks(): ClockTimes {
    return {
      clock: this.#intents.clock.time,
      'event-clock': this.#events.clock.time,
      'query-clock': this.#asking.queries.clock.time,
    };
  }

  /** Where a member is, or this node itself; `undefined` for one that was not probed yet, and without coordinates. */
  coordinate(name: string): Coordinate | undefined {
    return this.#roundTrips.coordinate(name);
  }

  /** Decimal text under Serf's keys (spec/03 §20.1); `encrypted` is the shell's to add. */
  stats(): Record<string, string> {
    const numbers = {
      members: this.#members.size,
      failed: this.#members.failedCount,
      left: this.#members.leftCount,
      health_score: this.#swim.healthScore,
      member_time: this.#intents.clock.time,
      event_time: this.#events.clock.time,
      query_time: this.#asking.queries.clock.time,
      intent_queue: this.#queues.intents.length,
      event_queue: this.#queues.events.length,
      query_queue: this.#queues.queries.length,
      ...(this.#roundTrips.areKept && { coordinate_resets: this.#roundTrips.counters.resets }),
    };
    return Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, String(value)]));
  }

  get counters(): SerfCounters {
    const { counts } = this.#asking.collectors;
    return {
      flaps: this.#members.flaps,
      badMessages: this.#badMessages.count,
      userEvents: this.#events.delivered,
      queries: this.#asking.queries.taken,
      oldEvents: this.#events.tooOld,
      oldQueries: this.#asking.queries.tooOld,
      queryAcks: counts.acks,
      queryDuplicateAcks: counts.duplicateAcks,
      queryResponses: counts.responses,
      queryDuplicateResponses: counts.duplicateResponses,
      intentsRefused: this.#members.intentsRefused,
      intentsDropped: this.#queues.intents.dropped,
      eventsDropped: this.#queues.events.dropped,
      queriesDropped: this.#queues.queries.dropped,
      coordinates: this.#roundTrips.counters,
      lostPeers: this.#healing.lostPeers,
    };
  }

  /** The clocks hold the last times that were taken, so that 0 stands for none (spec/03 §6). */
  #restore({ clock, eventClock, queryClock, peers }: RestoredState): void {
    this.#intents.clock.catchUp(clock);
    this.#events.clock.catchUp(eventClock);
    this.#asking.queries.clock.catchUp(queryClock);
    this.#events.ignoreBefore(eventClock + 1);
    this.#asking.queries.ignoreBefore(queryClock + 1);
    this.#healing.restore(peers);
  }

  #take(input: SerfInput): void {
    switch (input.type) {
      case 'start':
        this.#feedSwim(input);
        this.#scheduleTick('reapTick', this.#options.reapIntervalMs);
        this.#scheduleTick('reconnectTick', this.#options.reconnectIntervalMs);
        this.#scheduleTick('healTick', this.#options.healIntervalMs);
        this.#scheduleTick('queueCheckTick', this.#options.queueCheckIntervalMs);
        break;
      case 'timer':
        this.#timerDue(input.timer);
        break;
      case 'joinCompleted':
        if (input.contacted > 0) this.#intents.announceJoin(this.#nowMs);
        break;
      case 'seedFound':
        if (this.state !== 'alive') break;
        this.#healing.found(input.address, input.endpoints, this.#nowMs);
        break;
      case 'seedReached':
        this.#healing.reached(input.address, this.#nowMs);
        if (this.state === 'alive') this.#intents.announceJoin(this.#nowMs);
        break;
      case 'leave':
        this.#departures.leave(input.request, this.#nowMs);
        break;
      case 'forceLeave':
        this.#departures.forceLeave(input.request, input.node, input.prune, this.#nowMs);
        break;
      case 'setTags':
        this.#tags.set(input.request, input.tags);
        break;
      case 'userEvent':
        this.#events.send(input.request, input);
        break;
      case 'query':
        this.#asking.own.send(input.request, input.query, this.#nowMs);
        break;
      case 'endQuery':
        this.#asking.own.end(input.request, input.query);
        break;
      case 'respond':
        this.#asking.open.respond(input.request, input.query, input.payload, this.#nowMs);
        break;
      case 'keys':
        this.#asking.keys.request(input);
        break;
      case 'keyringKept':
        this.#asking.keyAnswers.kept(input.change, input.error);
        break;
      case 'pushPullAnswer':
        this.#answered = { exchange: input.exchange, ignoreOld: input.ignoreOld === true };
        this.#feedSwim(input);
        this.#answered = undefined;
        break;
      case 'packetOverhead':
        this.#queues.setPacketOverhead(input.bytes);
        this.#feedSwim(input);
        break;
      default:
        this.#feedSwim(input);
    }
  }

  #timerDue(timer: SerfTimer): void {
    switch (timer.type) {
      case 'swim':
        this.#feedSwim({ type: 'timer', timer: timer.timer });
        break;
      case 'reapTick':
        this.#members.reap(this.#nowMs);
        this.#departures.remindOverdue(this.#nowMs);
        this.#scheduleTick('reapTick', this.#options.reapIntervalMs);
        break;
      case 'reconnectTick':
        this.#reconnect();
        this.#scheduleTick('reconnectTick', this.#options.reconnectIntervalMs);
        break;
      case 'healTick':
        if (this.state === 'alive') this.#healing.tick(this.#nowMs);
        this.#scheduleTick('healTick', this.#options.healIntervalMs);
        break;
      case 'queueCheckTick':
        this.#measureQueues();
        for (const report of this.#queues.check(this.#members.size)) this.#emit(report);
        this.#scheduleTick('queueCheckTick', this.#options.queueCheckIntervalMs);
        break;
      case 'broadcastWait':
        this.#departures.waitOver(timer.request, this.#nowMs);
        break;
      case 'leavePropagated':
        this.#departures.propagated();
        break;
      case 'queryDeadline':
        this.#asking.collectors.deadline(timer.query);
        break;
      case 'prune':
        this.#members.pruneDue(timer.node, timer.record, this.#nowMs);
        break;
      default:
        timer satisfies never;
    }
  }

  #measureQueues(): void {
    const { intents, events, queries, broadcasts } = this.measures;
    intents.add(this.#queues.intents.length, this.#nowMs);
    events.add(this.#queues.events.length, this.#nowMs);
    queries.add(this.#queues.queries.length, this.#nowMs);
    broadcasts.add(this.#swim.queuedBroadcasts, this.#nowMs);
  }

  #reconnect(): void {
    if (this.state !== 'alive') return;
    const member = reconnectTarget(this.#members, this.#random);
    if (member === undefined) return;
    const { name: node, endpoint: to } = member;
    this.#emit({ type: 'report', code: 'reconnecting', node, address: formatEndpoint(to) });
    this.#emit({ type: 'pushPull', to, node, join: true });
  }

  /** Outputs keep their order; what a notice causes stands where the notice stood. */
  #feedSwim(input: SwimInput): void {
    for (const output of this.#swim.handle(input, this.#nowMs)) this.#passOn(output);
  }

  #passOn(output: SwimOutput): void {
    switch (output.type) {
      case 'schedule': {
        const { timer, atMs } = output;
        this.#emit({ type: 'schedule', timer: { type: 'swim', timer }, atMs });
        break;
      }
      case 'packet':
      case 'streamProbe':
      case 'pushPull':
      case 'pushPullSend':
      case 'pushPullMerged':
      case 'report':
        this.#emit(output);
        break;
      default:
        this.#hear(output);
    }
  }

  #hear(notice: SwimNotice): void {
    switch (notice.type) {
      case 'joined':
        this.#members.joined(notice.member, this.#nowMs);
        break;
      case 'departed':
        this.#members.departed(notice.member, this.#nowMs);
        this.#asking.collectors.memberGone(notice.member.name);
        break;
      case 'updated':
        this.#members.updated(notice.member);
        break;
      case 'conflict':
        this.#asking.conflicts.heard(notice);
        break;
      case 'userMessage':
        this.measures.received.add(notice.body.length, this.#nowMs);
        this.#router.receive(notice.body, this.#nowMs);
        break;
      case 'userState': {
        const answered = this.#answered;
        const isAnswer = notice.exchange === answered?.exchange;
        const ignoreOld = isAnswer && answered.ignoreOld;
        this.#router.mergeState(notice.state, { isAnswer, ignoreOld }, this.#nowMs);
        break;
      }
      case 'broadcastFinished':
        if (!this.#tags.announced(notice)) this.#departures.membershipTold(notice, this.#nowMs);
        break;
      case 'pingComplete':
        this.#roundTrips.heard(notice);
        break;
      case 'pingResult':
        // Only the pings of probes measure: one on demand looks for a lost peer, or for a rival in a conflict of names.
        if (this.#healing.pinged(notice, this.state === 'alive')) break;
        this.#asking.conflicts.rivalAnswered(notice.rttMs !== undefined);
        break;
      default:
        notice satisfies never;
    }
  }

  #refuse(detail: string): void {
    this.#badMessages.refuse(detail, this.#nowMs, this.#emit);
  }

  /** An interval of 0 switches a tick off. */
  #scheduleTick(
    type: 'reapTick' | 'reconnectTick' | 'healTick' | 'queueCheckTick',
    intervalMs: number,
  ): void {
    if (intervalMs <= 0) return;
    this.#emit({ type: 'schedule', timer: { type }, atMs: this.#nowMs + intervalMs });
  }

  readonly #emit = (output: SerfOutput): void => {
    if (output.type === 'memberForgotten') this.#roundTrips.forget(output.name);
    this.#healing.hear(output, this.#nowMs);
    this.#outputs.push(output);
  };
}
