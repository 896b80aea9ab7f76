import type { BroadcastQueue } from '../swim/broadcast-queue.js';
import type { SwimNotice } from '../swim/output.js';
import { memberNameProblem } from '../wire/member-name.js';
import { encodeSerfMessage } from '../wire/serf-codec.js';
import type { RequestId } from './input.js';
import type { Intents } from './intents.js';
import type { Members } from './members.js';
import type { SerfOutput } from './output.js';

/** The life of a node (spec/03 §10). Its end, the shutdown, is the shell's. */
export type NodeState = 'alive' | 'leaving' | 'left';

export interface DeparturesOptions {
  readonly self: string;
  readonly broadcastTimeoutMs: number;
  readonly leavePropagateDelayMs: number;
}

export interface DeparturesParts {
  readonly members: Members;
  readonly intents: Intents;
  /** The intents' queue: it says when a message went out. */
  readonly queue: BroadcastQueue;
  readonly emit: (output: SerfOutput) => void;
  /** Makes the membership layer leave. It answers later, or at once, through `membershipTold`. */
  readonly leaveMembership: (request: RequestId, nowMs: number) => void;
}

/** So many times what the steps of a leave wait for is longer than any member takes to leave. */
const patience = 4;

/** Where the own leave stands: each step waits for something else (spec/03 §10.3). */
interface Leave {
  readonly request: RequestId;
  readonly step: 'intent' | 'membership' | 'propagation';
}

/** Takes members out of the cluster: this node by its leave, others by force (spec/03 §10.3, §10.4). */
export class Departures {
  readonly #options: DeparturesOptions;
  readonly #parts: DeparturesParts;
  #state: NodeState = 'alive';
  #leave: Leave | undefined;
  /** Force-leaves whose message is still in the queue. */
  readonly #removals = new Set<RequestId>();

  constructor(options: DeparturesOptions, parts: DeparturesParts) {
    this.#options = options;
    this.#parts = parts;
  }

  get state(): NodeState {
    return this.#state;
  }

  leave(request: RequestId, nowMs: number): void {
    if (this.#state !== 'alive') {
      this.#done(request, this.#state === 'leaving' ? 'Leave already in progress' : undefined);
      return;
    }
    this.#state = 'leaving';
    this.#leave = { request, step: 'intent' };
    const intent = this.#parts.intents.announceOwnLeave(nowMs);
    if (!this.#hasListeners) return;
    this.#parts.queue.add(encodeSerfMessage(intent), { token: request });
    this.#scheduleWait(request, nowMs);
  }

  forceLeave(request: RequestId, node: string, prune: boolean, nowMs: number): void {
    // Nobody can have such a name. As for any other that nobody has, there is nothing to do, and that is no error.
    if (memberNameProblem(node) !== undefined) {
      this.#done(request);
      return;
    }
    const intent = this.#parts.intents.sendAway(node, prune, nowMs);
    // One about ourselves was refuted just now, and the refutation is what is to spread.
    const isRefuted = node === this.#options.self && this.#state === 'alive';
    // Whoever is said to leave must hear it too: else a living member could not refute.
    if (isRefuted || !this.#hasListeners) {
      this.#done(request);
      return;
    }
    this.#removals.add(request);
    this.#parts.queue.add(encodeSerfMessage(intent), { token: request });
    this.#scheduleWait(request, nowMs);
  }

  /**
   * Says once more, later than before, that a member leaves which has not gone for long. A leave and the member's own join
   * can be of one Lamport time; then those who heard the leave first hold it as leaving and all others as alive, for
   * good, and no push/pull tells the difference. One that lives contradicts the later leave.
   */
  remindOverdue(nowMs: number): void {
    if (this.#state !== 'alive') return;
    const { broadcastTimeoutMs, leavePropagateDelayMs } = this.#options;
    const { members, intents, queue } = this.#parts;
    const waitMs = patience * (broadcastTimeoutMs + leavePropagateDelayMs);
    for (const name of members.overdue(nowMs - waitMs)) {
      queue.add(encodeSerfMessage(intents.sendAway(name, false, nowMs)));
    }
  }

  /** Ends the waits that were brought to their end. To be called after each input, when all outputs are handled. */
  settle(nowMs: number): void {
    for (const { token } of this.#parts.queue.takeFinished()) this.#messageSent(token, nowMs);
    const isWaiting = this.#removals.size > 0 || this.#leave !== undefined;
    if (isWaiting && !this.#parts.members.hasOther('alive')) this.#nobodyListens(nowMs);
  }

  /** A `broadcastWait` fell due. */
  waitOver(request: RequestId, nowMs: number): void {
    if (this.#removals.delete(request)) {
      this.#done(request, 'timed out broadcasting node removal');
    } else if (this.#isLeaving(request, 'intent')) {
      this.#parts.emit({ type: 'report', code: 'leaveIncomplete', step: 'intent' });
      this.#leaveMembership(request, nowMs);
    }
  }

  /** The membership layer finished its part of the leave. */
  membershipTold(notice: Extract<SwimNotice, { type: 'broadcastFinished' }>, nowMs: number): void {
    if (!this.#isLeaving(notice.token, 'membership')) return;
    if (notice.outcome === 'timeout') {
      this.#parts.emit({ type: 'report', code: 'leaveIncomplete', step: 'membership' });
    }
    this.#propagate(notice.token, nowMs);
  }

  /** A `leavePropagated` fell due. */
  propagated(): void {
    if (this.#leave?.step !== 'propagation') return;
    const { request } = this.#leave;
    this.#leave = undefined;
    this.#state = 'left';
    this.#done(request);
  }

  #messageSent(request: RequestId, nowMs: number): void {
    if (this.#removals.delete(request)) this.#done(request);
    else if (this.#isLeaving(request, 'intent')) this.#leaveMembership(request, nowMs);
  }

  /** Nobody takes what is still queued: to wait for it would be to wait for nothing. */
  #nobodyListens(nowMs: number): void {
    for (const request of this.#removals) this.#messageSent(request, nowMs);
    if (this.#leave?.step === 'intent') this.#leaveMembership(this.#leave.request, nowMs);
    if (this.#leave?.step !== 'membership' || this.#parts.members.hasOther('leaving')) return;
    this.#propagate(this.#leave.request, nowMs);
  }

  /**
   * The intent goes out once more, later than before, with the goodbye and in the same packets. A push/pull may have
   * told the first one's time before the intent itself arrived: whoever takes that as a join drops the intent as old,
   * and would call this node failed.
   */
  #leaveMembership(request: RequestId, nowMs: number): void {
    this.#leave = { request, step: 'membership' };
    if (this.#hasListeners) {
      const intent = this.#parts.intents.announceOwnLeave(nowMs);
      this.#parts.queue.add(encodeSerfMessage(intent));
    }
    this.#parts.leaveMembership(request, nowMs);
  }

  /** Those who are leaving are not waited for, but while they listen they may as well know. */
  get #hasListeners(): boolean {
    return this.#parts.members.hasOther('alive', 'leaving');
  }

  /** Stays a while to answer probes, until the others know. */
  #propagate(request: RequestId, nowMs: number): void {
    this.#leave = { request, step: 'propagation' };
    const atMs = nowMs + this.#options.leavePropagateDelayMs;
    this.#parts.emit({ type: 'schedule', timer: { type: 'leavePropagated' }, atMs });
  }

  #isLeaving(request: RequestId, step: Leave['step']): boolean {
    return this.#leave?.request === request && this.#leave.step === step;
  }

  #scheduleWait(request: RequestId, nowMs: number): void {
    const atMs = nowMs + this.#options.broadcastTimeoutMs;
    this.#parts.emit({ type: 'schedule', timer: { type: 'broadcastWait', request }, atMs });
  }

  #done(request: RequestId, error?: string): void {
    this.#parts.emit({ type: 'done', request, error });
  }
}
