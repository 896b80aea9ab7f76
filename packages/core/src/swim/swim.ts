import type { Alive } from '../wire/messages.js';
import { announceSelf, hearAlive } from './alive-rule.js';
import { answerPing } from './answer.js';
import { hearDead } from './dead-rule.js';
import { leave, updateMeta } from './goodbye.js';
import { Gossip } from './gossip.js';
import type { SwimHooks } from './hooks.js';
import type { SwimInput } from './input.js';
import { isAfterStall } from './late-timers.js';
import type { Member } from './member.js';
import { isPresent } from './member-list.js';
import {
  isOwnEcho,
  onDemandAcked,
  onDemandOver,
  onDemandStreamResult,
  pingOnDemand,
} from './on-demand-ping.js';
import type { SwimOptions } from './options.js';
import type { SwimOutput } from './output.js';
import { Prober } from './probe.js';
import { isPublicAddress } from './public-address.js';
import { PushPull } from './push-pull.js';
import type { Random } from './random.js';
import type { RefusalReason } from './refusals.js';
import { relayAcked, relayNackDue, relayOver, relayPing } from './relay.js';
import { SwimState } from './state.js';
import { hearSuspect, suspicionDue } from './suspect-rule.js';
import type { SwimMeasures } from './swim-measures.js';
import type { SwimTimer } from './timer.js';
import { sendUser } from './user-message.js';

/** What encryption adds to a packet at least (spec/01 §4.3): with less there is none. */
const encryptionBytes = 29;

type MessageInput = Extract<SwimInput, { type: 'message' }>;

/**
 * The membership engine: SWIM with Lifeguard's refinements, as Serf's nodes speak it (spec/02). Inputs and the time go
 * in, outputs come out; it opens no socket, starts no timer and reads no clock.
 */
export class Swim {
  readonly #state: SwimState;
  readonly #prober: Prober;
  readonly #gossip: Gossip;
  readonly #pushPull: PushPull;

  /**
   * `options` are taken as they are: ask `swimOptionsProblem` first. Throws RangeError for a network that can't be read.
   */
  constructor(options: SwimOptions, hooks: SwimHooks, random: Random) {
    this.#state = new SwimState(options, hooks, random);
    this.#prober = new Prober(this.#state);
    this.#gossip = new Gossip(this.#state);
    this.#pushPull = new PushPull(this.#state);
  }

  /**
   * Takes one input at `nowMs` and says what must happen next; it does nothing by itself. The first input is `start`.
   * The list belongs to the caller unless it is empty: that one is shared and frozen.
   */
  handle(input: SwimInput, nowMs: number): SwimOutput[] {
    const state = this.#state;
    if (state.isStarted === (input.type === 'start')) throw wrongOrder(input);
    state.nowMs = nowMs;
    state.origin = undefined;
    this.#handle(input);
    for (const { token, outcome } of state.queue.takeFinished()) state.finishWait(token, outcome);
    return state.takeOutputs();
  }

  /** Members that are neither dead nor left: suspects and this node included. */
  members(): Member[] {
    return this.allMembers().filter(isPresent);
  }

  /** Every entry of the list, the dead and the left that were not forgotten yet included. */
  allMembers(): Member[] {
    return this.#state.members.entries.map(({ member }) => member);
  }

  /** One entry by name, in any state. */
  member(name: string): Member | undefined {
    return this.#state.members.get(name)?.member;
  }

  /** This node's own entry. Throws before the start. */
  get local(): Member {
    return this.#state.self.member;
  }

  /** All entries of the list, dead and left included: the `n` of every formula of spec/02 §24. */
  get memberCount(): number {
    return this.#state.members.length;
  }

  /** Entries that are neither dead nor left: suspects and this node included. */
  get aliveCount(): number {
    return this.#state.members.presentCount;
  }

  /** 0 is healthy. */
  get healthScore(): number {
    return this.#state.awareness.score;
  }

  get queuedBroadcasts(): number {
    return this.#state.queue.length;
  }

  /** Broadcasts that were pushed out of the full queue before they had been sent often enough. */
  get droppedBroadcasts(): number {
    return this.#state.queue.dropped;
  }

  /** What is taken from these starts anew. */
  get measures(): SwimMeasures {
    return this.#state.measures;
  }

  /** How many messages and requests were not taken, by reason. */
  get refusals(): Readonly<Partial<Record<RefusalReason, number>>> {
    return this.#state.refusalCounts.toRecord();
  }

  #handle(input: SwimInput) {
    const state = this.#state;
    switch (input.type) {
      case 'message':
        return this.#message(input);
      case 'timer':
        return this.#timer(input.timer);
      case 'start':
        return this.#start();
      case 'sendFailed':
        return this.#prober.sendFailed(input.sequence);
      case 'streamProbeResult':
        onDemandStreamResult(state, input.sequence, input.contact);
        return this.#prober.streamResult(input.sequence, input.contact);
      case 'pushPullReady':
        return this.#pushPull.send(input.exchange, input.join);
      case 'pushPullAnswer':
        return this.#pushPull.merge(input.exchange, input.state, input.join);
      case 'pushPullRequest':
        state.origin = input.from;
        // The answer is this node's state before the merge: it never repeats what the request brought.
        this.#pushPull.send(input.exchange, input.state.join);
        return this.#pushPull.merge(input.exchange, input.state, input.state.join);
      case 'updateMeta':
        return updateMeta(state, input.token, input.timeoutMs);
      case 'leave':
        return leave(state, input.token, input.timeoutMs);
      case 'ping':
        return pingOnDemand(state, input);
      case 'sendUser':
        return sendUser(state, input.to, input.node, input.body);
      case 'packetOverhead':
        return state.setPacketOverhead(input.bytes);
      default:
        return input satisfies never;
    }
  }

  #start() {
    const state = this.#state;
    // Before anything else can arrive: nobody but this node creates its entry (spec/02 §2, M14).
    announceSelf(state);
    const isEncrypted = state.packetOverheadBytes >= encryptionBytes;
    if (!isEncrypted && isPublicAddress(state.options.address)) {
      state.emit({ type: 'report', code: 'publicWithoutEncryption' });
    }
    this.#prober.start();
    this.#pushPull.start();
    this.#gossip.start();
  }

  #message({ message, from, via }: MessageInput) {
    const state = this.#state;
    state.origin = from;
    if (message.type === 'user') {
      return state.emit({ type: 'userMessage', body: message.body, from });
    }
    if (via === 'stream') return state.refuse('streamMessage', message.type);
    switch (message.type) {
      case 'ping':
        return isOwnEcho(state, message) ? undefined : answerPing(state, message);
      case 'ack':
        return this.#ack(message.sequence, message.payload);
      case 'nack':
        return this.#prober.nacked(message.sequence);
      case 'indirectPing':
        return relayPing(state, message);
      case 'alive':
        return this.#alive(message);
      case 'suspect':
        return hearSuspect(state, message);
      case 'dead':
        return hearDead(state, message);
      default:
        return message satisfies never;
    }
  }

  /** In a packet, both the source and the address inside must lie in the allowed networks (spec/02 §20). */
  #alive(alive: Alive) {
    const { networks, origin } = this.#state;
    const isAllowed =
      networks.allowsAll ||
      (networks.allows(alive.address) && networks.allowsHost(origin?.host ?? ''));
    if (isAllowed) hearAlive(this.#state, alive);
    else this.#state.refuse('network', alive.node);
  }

  #ack(sequence: number, payload: Uint8Array | undefined) {
    const ping = this.#state.openPings.get(sequence);
    switch (ping?.type) {
      case undefined:
        return;
      case 'probe':
        return this.#prober.acked(sequence, payload);
      case 'relay':
        return relayAcked(this.#state, sequence, ping);
      case 'onDemand':
        return onDemandAcked(this.#state, sequence, ping);
    }
  }

  /** If this timer shows that the process stood still, the suspicion goes on, and the timer is void. */
  #suspicion(timer: Extract<SwimTimer, { type: 'suspicion' }>) {
    const dueMs = this.#state.suspicions.get(timer.node)?.dueMs;
    if (dueMs !== undefined) isAfterStall(this.#state, dueMs);
    suspicionDue(this.#state, timer);
  }

  #timer(timer: SwimTimer) {
    const state = this.#state;
    switch (timer.type) {
      case 'probeTick':
        return this.#prober.tick();
      case 'gossipTick':
        return this.#gossip.tick();
      case 'pushPullTick':
        return this.#pushPull.tick();
      case 'probeTimeout':
        return this.#prober.timeout(timer.sequence);
      case 'probeDeadline':
        return this.#prober.deadline(timer.sequence);
      case 'relayNack':
        return relayNackDue(state, timer.sequence);
      case 'relayDeadline':
        return relayOver(state, timer.sequence);
      case 'pingTimeout':
        return onDemandOver(state, timer.sequence);
      case 'suspicion':
        return this.#suspicion(timer);
      case 'broadcastWait':
        return state.finishWait(timer.token, 'timeout');
      default:
        return timer satisfies never;
    }
  }
}

function wrongOrder(input: SwimInput): Error {
  return new Error(
    input.type === 'start'
      ? 'The membership engine was started already.'
      : `The membership engine got "${input.type}" before "start".`,
  );
}
