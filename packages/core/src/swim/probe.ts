import { encodeMessage } from '../wire/message-codec.js';
import type { Ping } from '../wire/messages.js';
import { isAfterStall } from './late-timers.js';
import { LoopClock } from './loop-clock.js';
import type { Member } from './member.js';
import { type Entry, isPresent } from './member-list.js';
import { choose } from './random-choice.js';
import type { SwimState } from './state.js';
import { hearSuspect } from './suspect-rule.js';
import { sendWithGossip, speaksChecksum } from './transmit.js';

/** A helper of this protocol version says when the target did not answer (spec/01 §11). */
const nackVersion = 4;
const streamPingVersion = 3;

/** One failure-detection round. */
interface Round {
  readonly sequence: number;
  /** The target as it was when the round began: an accusation names that incarnation. */
  readonly target: Member;
  readonly ping: Ping;
  readonly sentMs: number;
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  /** Whether helpers were asked: an ack is no round trip of ours any more. */
  isIndirect: boolean;
  sendFailed: boolean;
  nacksExpected: number;
  nacks: number;
  streamContact: boolean;
}

/**
 * The failure detector (SWIM §3.1, spec/02 §11): every interval one member is pinged; if it stays silent, helpers and a
 * stream try; if they fail too, it is suspected. One round at a time.
 */
export class Prober {
  readonly #state: SwimState;
  readonly #clock: LoopClock;
  /** Where in the list the next target is looked for. */
  #index = 0;
  #round: Round | undefined;
  /** A tick that came while a round was running; more than one is not remembered. */
  #isTickPending = false;

  constructor(state: SwimState) {
    this.#state = state;
    this.#clock = new LoopClock(state, 'probeTick', state.options.probeIntervalMs);
  }

  start(): void {
    this.#clock.start();
  }

  tick(): void {
    isAfterStall(this.#state, this.#clock.dueMs);
    this.#clock.advance();
    if (this.#round === undefined) this.#startRound();
    else this.#isTickPending = true;
  }

  /** The target had its time to answer by itself. */
  timeout(sequence: number) {
    const round = this.#current(sequence);
    if (round === undefined || round.isIndirect) return;
    if (isAfterStall(this.#state, round.timeoutMs)) return this.#endWithoutVerdict(round);
    this.#askHelpers(round);
  }

  /** A ping that can't even be sent won't be answered: the helpers' time begins now. */
  sendFailed(sequence: number): void {
    const round = this.#current(sequence);
    if (round === undefined || round.isIndirect) return;
    round.sendFailed = true;
    this.#askHelpers(round);
  }

  acked(sequence: number, payload: Uint8Array | undefined): void {
    const round = this.#current(sequence);
    if (round === undefined) return;
    const { nowMs, options, members } = this.#state;
    const rttMs = nowMs - round.sentMs;
    if (!round.isIndirect && rttMs <= options.probeTimeoutMs) {
      const member = members.get(round.target.name)?.member ?? round.target;
      this.#state.emit({ type: 'pingComplete', member, rttMs, payload });
    }
    this.#succeed(round);
  }

  nacked(sequence: number): void {
    const round = this.#current(sequence);
    if (round?.isIndirect) round.nacks += 1;
  }

  /** The stream's contact counts at the deadline only: until then an ack may still come. */
  streamResult(sequence: number, contact: boolean) {
    const round = this.#current(sequence);
    if (round?.isIndirect) round.streamContact = contact;
  }

  deadline(sequence: number) {
    const round = this.#current(sequence);
    if (round === undefined) return;
    if (isAfterStall(this.#state, round.deadlineMs)) return this.#endWithoutVerdict(round);
    if (round.streamContact) {
      this.#state.emit({ type: 'report', code: 'streamProbeOnly', node: round.target.name });
      return this.#succeed(round);
    }
    this.#fail(round);
  }

  #startRound(): void {
    const target = this.#nextTarget();
    if (target !== undefined) this.#probe(target.member);
  }

  /**
   * The next one in the list that is neither this node nor gone (spec/02 §11.1). Passing the end is no look, and the new
   * order is searched whole: while anybody can be probed, no round is left out.
   */
  #nextTarget(): Entry | undefined {
    const { members, self } = this.#state;
    let hasWrapped = false;
    for (;;) {
      const entry = members.entries[this.#index];
      if (entry === undefined) {
        if (hasWrapped) return undefined;
        hasWrapped = true;
        this.#beginCycle();
        continue;
      }
      this.#index += 1;
      if (entry !== self && isPresent(entry.member)) return entry;
    }
  }

  /** Before each walk through the list: forget who is gone long enough, and mix the rest (spec/02 §12). */
  #beginCycle(): void {
    const { members, nowMs, options } = this.#state;
    this.#index = 0;
    members.reset(
      (member) =>
        !isPresent(member) &&
        member.name !== options.name &&
        nowMs - member.stateChangeMs > options.gossipToTheDeadMs,
    );
  }

  #probe(target: Member): void {
    const { nowMs, options, awareness, openPings, self } = this.#state;
    const sequence = openPings.open({ type: 'probe' });
    const ping: Ping = {
      type: 'ping',
      sequence,
      node: target.name,
      sourceAddress: self.member.address,
      sourcePort: self.member.port,
      sourceNode: options.name,
    };
    const timeoutMs = nowMs + options.probeTimeoutMs;
    const deadlineMs = nowMs + awareness.scaleMs(options.probeIntervalMs);
    this.#round = {
      sequence,
      target,
      ping,
      sentMs: nowMs,
      timeoutMs,
      deadlineMs,
      isIndirect: false,
      sendFailed: false,
      nacksExpected: 0,
      nacks: 0,
      streamContact: false,
    };
    this.#sendPing(target, ping);
    this.#state.schedule({ type: 'probeTimeout', sequence }, timeoutMs);
    this.#state.schedule({ type: 'probeDeadline', sequence }, deadlineMs);
  }

  /** A suspect hears with the ping what it is accused of, so that it can refute at once (Lifeguard §IV-C). */
  #sendPing(target: Member, ping: Ping) {
    const to = target.endpoint;
    const bytes = encodeMessage(ping);
    if (target.state !== 'suspect') return sendWithGossip(this.#state, to, bytes, ping.sequence);
    const { name: node, incarnation } = target;
    const from = this.#state.options.name;
    const accusation = encodeMessage({ type: 'suspect', incarnation, node, from });
    this.#state.emit({
      type: 'packet',
      to,
      parts: [bytes, accusation],
      checksum: speaksChecksum(this.#state, to),
      probe: ping.sequence,
    });
  }

  #askHelpers(round: Round): void {
    const { members, self, options, random } = this.#state;
    const { target, ping } = round;
    round.isIndirect = true;
    const canHelp = (entry: Entry) =>
      entry.member.state === 'alive' && entry !== self && entry.member.name !== target.name;
    const helpers = choose(options.indirectChecks, members.entries, canHelp, random);
    for (const { member } of helpers) {
      const nack = member.versions.protocolMax >= nackVersion;
      if (nack) round.nacksExpected += 1;
      const request = encodeMessage({
        ...ping,
        type: 'indirectPing',
        target: target.address,
        port: target.port,
        nack,
      });
      sendWithGossip(this.#state, member.endpoint, request);
    }
    if (options.disableStreamProbes || target.versions.protocolMax < streamPingVersion) return;
    const { deadlineMs } = round;
    this.#state.emit({ type: 'streamProbe', to: target.endpoint, ping, deadlineMs });
  }

  #succeed(round: Round): void {
    // A send that failed and was made good by others says nothing about this node's health.
    if (!round.sendFailed) this.#state.awareness.apply(-1);
    this.#end(round);
  }

  /**
   * Helpers that stay silent too make this node doubt itself; where none were to speak, any failure does
   * (Lifeguard §IV-A).
   */
  #fail(round: Round): void {
    this.#state.measures.failedProbes.add(1, this.#state.nowMs);
    const { nacksExpected, nacks, target } = round;
    this.#state.awareness.apply(nacksExpected > 0 ? Math.max(0, nacksExpected - nacks) : 1);
    const { incarnation, name: node } = target;
    const from = this.#state.options.name;
    hearSuspect(this.#state, { type: 'suspect', incarnation, node, from }, 'no answer to a probe');
    this.#end(round);
  }

  #endWithoutVerdict(round: Round): void {
    this.#state.awareness.apply(1);
    this.#end(round);
  }

  #end(round: Round): void {
    const { measures, openPings, nowMs } = this.#state;
    measures.probes.add(nowMs - round.sentMs, nowMs);
    openPings.close(round.sequence);
    this.#round = undefined;
    if (!this.#isTickPending) return;
    this.#isTickPending = false;
    this.#startRound();
  }

  #current(sequence: number): Round | undefined {
    return this.#round?.sequence === sequence ? this.#round : undefined;
  }
}
