import type { BroadcastQueue } from '../swim/broadcast-queue.js';
import { encodeSerfMessage } from '../wire/serf-codec.js';
import type { JoinIntent, LeaveIntent } from '../wire/serf-messages.js';
import { LamportClock } from './lamport-clock.js';
import type { Members } from './members.js';
import type { SerfOutput } from './output.js';

export interface IntentsParts {
  /** This node's name. */
  readonly self: string;
  readonly members: Members;
  readonly queue: BroadcastQueue;
  readonly emit: (output: SerfOutput) => void;
  /** Counts and reports a message that cannot be believed. */
  readonly refuse: (detail: string) => void;
}

/**
 * How far each announcement of this node lies above its last one, and above what a push/pull said of it. Those who hold
 * a member as left add one to its time with each push/pull among them; this is more of these than they have until an
 * announcement has reached them all. One in order could draw level with such a rumour, and a draw changes nothing.
 */
const leapOverRumours = 64;

/** Join and leave intents: those of others, those of this node, and their clock (spec/03 §8). */
export class Intents {
  readonly clock = new LamportClock();
  /** A node that leaves on purpose no longer contradicts those who say so. */
  #isStaying = true;
  /** Lamport time of the last announcement; `undefined` before the first, which follows Serf to the number. */
  #announced: number | undefined;
  readonly #parts: IntentsParts;

  constructor(parts: IntentsParts) {
    this.#parts = parts;
  }

  get self(): string {
    return this.#parts.self;
  }

  /** Takes an intent from gossip and passes it on, byte for byte, when it is news. */
  receive(intent: JoinIntent | LeaveIntent, body: Uint8Array, nowMs: number): void {
    const { type: kind, node: name } = intent;
    this.#parts.emit({ type: 'report', code: 'messageReceived', kind, name });
    const isNews =
      intent.type === 'join' ? this.applyJoin(intent, nowMs) : this.applyLeave(intent, nowMs);
    if (isNews) this.#parts.queue.add(body.slice());
  }

  /** True means that it was news. The time is witnessed before anything else is looked at (spec/03 §6). */
  applyJoin(intent: Pick<JoinIntent, 'node' | 'ltime'>, nowMs: number): boolean {
    if (!this.#witness(intent.ltime)) return false;
    return this.#parts.members.applyJoin(intent, nowMs);
  }

  /** True means that it was news. One about this node is refuted instead, unless it leaves indeed. */
  applyLeave(intent: Omit<LeaveIntent, 'type'>, nowMs: number): boolean {
    const { self, members, emit } = this.#parts;
    if (!this.#witness(intent.ltime)) return false;
    if (intent.node !== self || !this.#isStaying) return members.applyLeave(intent, nowMs);
    if (intent.ltime > (members.statusLTime(self) ?? 0)) {
      emit({ type: 'report', code: 'refutingLeave' });
      this.announceJoin(nowMs);
    }
    return false;
  }

  /**
   * A push/pull knows of a later intent about this node than it does: a leave that never arrived here, or something of
   * an earlier life. Taken as a join, as Serf takes it, it would leave this node "leaving" with others for good: nothing
   * later would ever be said. So it is outdone.
   */
  outdo(ltime: number, nowMs: number): void {
    const { self, members } = this.#parts;
    if (!this.#witness(ltime) || ltime <= (members.statusLTime(self) ?? 0)) return;
    this.#leap(ltime);
    this.announceJoin(nowMs);
  }

  /** A push/pull says that this node left. */
  refuteLeft(ltime: number, nowMs: number): void {
    this.#leap(ltime);
    this.applyLeave({ node: this.#parts.self, ltime, prune: false }, nowMs);
  }

  /** Tells everybody that this node is here, later than anything it has heard (spec/03 §10.2). */
  announceJoin(nowMs: number): void {
    if (!this.#isStaying) return;
    if (this.#announced !== undefined) this.#leap(this.#announced - 1);
    const intent: JoinIntent = { type: 'join', ltime: this.clock.time, node: this.#parts.self };
    this.#announced = intent.ltime;
    this.applyJoin(intent, nowMs);
    this.#parts.queue.add(encodeSerfMessage(intent));
  }

  /**
   * From now on this node is about to leave. Returns its intent, which still has to be queued. Said again, it is later
   * than what push/pulls made of the first: those who took it from one hold it one above its time.
   */
  announceOwnLeave(nowMs: number): LeaveIntent {
    const { self, members } = this.#parts;
    if (!this.#isStaying) this.clock.witness((members.statusLTime(self) ?? 0) + 1);
    this.#isStaying = false;
    return this.sendAway(self, false, nowMs);
  }

  /** Says for `node` that it leaves. Returns the intent, applied here; it still has to be queued. */
  sendAway(node: string, prune: boolean, nowMs: number): LeaveIntent {
    const intent: LeaveIntent = { type: 'leave', ltime: this.clock.time, node, prune };
    this.clock.increment();
    this.applyLeave(intent, nowMs);
    return intent;
  }

  #leap(ltime: number): void {
    if (this.#isStaying) this.clock.witness(ltime + leapOverRumours);
  }

  #witness(ltime: number): boolean {
    if (this.clock.witness(ltime)) return true;
    this.#parts.refuse(`the Lamport time ${ltime} is out of range`);
    return false;
  }
}
