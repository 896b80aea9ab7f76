import type { Member } from '../swim/member.js';
import { memberNameProblem } from '../wire/member-name.js';
import type { JoinIntent, LeaveIntent } from '../wire/serf-messages.js';
import type { MemberEventType, MemberStatus, SerfMember } from './member.js';
import { describeMember, isSameMember, type MemberRecord } from './member-record.js';
import type { SerfOutput } from './output.js';
import { RecentIntents } from './recent-intents.js';

export interface MembersOptions {
  /** The own name: its record is never erased. */
  readonly self: string;
  readonly flapTimeoutMs: number;
  readonly reconnectTimeoutMs: number;
  readonly tombstoneTimeoutMs: number;
  readonly recentIntentTimeoutMs: number;
  /** How long the prune of a leaving member waits for its departure. */
  readonly pruneDelayMs: number;
  /** Members of any status: one more, and who left or failed longest ago is forgotten before its time. */
  readonly memberLimit: number;
  /** Intents for names that are not members. */
  readonly recentIntentLimit: number;
}

/**
 * The member list of the Serf layer: what the membership layer reports and what intents say make one status for each
 * member (the table of spec/03 §7.2). A change of the list is told before the event that it causes.
 */
export class Members {
  readonly #options: MembersOptions;
  readonly #emit: (output: SerfOutput) => void;
  readonly #strangerLeft: (name: string) => void;
  readonly #byName = new Map<string, MemberRecord>();
  readonly #failed = new Set<MemberRecord>();
  readonly #left = new Set<MemberRecord>();
  readonly #recent: RecentIntents;
  #prunes = 0;
  #flaps = 0;

  /** `strangerLeft` hears who left without being a member here. */
  constructor(
    options: MembersOptions,
    emit: (output: SerfOutput) => void,
    strangerLeft: (name: string) => void,
  ) {
    this.#options = options;
    this.#emit = emit;
    this.#strangerLeft = strangerLeft;
    this.#recent = new RecentIntents(options.recentIntentLimit);
  }

  get size(): number {
    return this.#byName.size;
  }

  get failedCount(): number {
    return this.#failed.size;
  }

  get leftCount(): number {
    return this.#left.size;
  }

  /** Failed members that came back within the flap timeout. */
  get flaps(): number {
    return this.#flaps;
  }

  /** Intents for unknown names that found no room. */
  get intentsRefused(): number {
    return this.#recent.refused;
  }

  get(name: string): SerfMember | undefined {
    return this.#byName.get(name)?.member;
  }

  /** Lamport time of the last intent taken for a member; `undefined` when there is no such member. */
  statusLTime(name: string): number | undefined {
    return this.#byName.get(name)?.statusLTime;
  }

  statusLTimes(): Map<string, number> {
    const times = new Map<string, number>();
    for (const [name, record] of this.#byName) times.set(name, record.statusLTime);
    return times;
  }

  all(): SerfMember[] {
    return Array.from(this.#byName.values(), (record) => record.member);
  }

  failed(): SerfMember[] {
    return Array.from(this.#failed, (record) => record.member);
  }

  left(): SerfMember[] {
    return Array.from(this.#left, (record) => record.member);
  }

  /** Whether anybody but this node has one of these statuses. */
  hasOther(...statuses: readonly MemberStatus[]): boolean {
    for (const { member } of this.#byName.values()) {
      if (member.name !== this.#options.self && statuses.includes(member.status)) return true;
    }
    return false;
  }

  /** The membership layer saw a member come (spec/03 §7.3). */
  joined(from: Member, nowMs: number): void {
    const record = this.#byName.get(from.name);
    if (record === undefined) this.#create(from, nowMs);
    else this.#revive(record, from, nowMs);
  }

  /**
   * The membership layer saw a member go (spec/03 §7.4). One that is not known to be leaving counts as failed, unless
   * it said itself that it left: its leave intent is late then, and calling it failed meanwhile would be noise
   * (spec/03 §24, 3).
   */
  departed(from: Member, nowMs: number): void {
    const record = this.#byName.get(from.name);
    const status = record?.member.status;
    if (record === undefined || (status !== 'alive' && status !== 'leaving')) return;
    const onPurpose = status === 'leaving' || from.state === 'left';
    record.leaveTimeMs = nowMs;
    this.#setStatus(record, onPurpose ? 'left' : 'failed');
    this.#tell(onPurpose ? 'member-leave' : 'member-failed', record.member);
  }

  /** The metadata of a member changed (spec/03 §7.5). */
  updated(from: Member): void {
    const record = this.#byName.get(from.name);
    if (record === undefined) return;
    this.#show(record, describeMember(from, record.member.status));
    this.#tell('member-update', record.member);
  }

  /** Takes a join intent; true means that it was news and is to be passed on (spec/03 §8.2). */
  applyJoin(intent: Pick<JoinIntent, 'node' | 'ltime'>, nowMs: number): boolean {
    const record = this.#byName.get(intent.node);
    if (record === undefined) return this.#remember(intent.node, 'join', intent.ltime, nowMs);
    if (intent.ltime <= record.statusLTime) return false;
    record.statusLTime = intent.ltime;
    if (record.member.status === 'leaving') this.#setStatus(record, 'alive');
    return true;
  }

  /**
   * Takes a leave intent; true means that it was news and is to be passed on (spec/03 §8.3). The refutation of one
   * about this node is the caller's.
   */
  applyLeave(intent: Omit<LeaveIntent, 'type'>, nowMs: number): boolean {
    const record = this.#byName.get(intent.node);
    if (record === undefined) {
      this.#strangerLeft(intent.node);
      return this.#remember(intent.node, 'leave', intent.ltime, nowMs);
    }
    if (intent.ltime <= record.statusLTime) return false;
    // In every status: else two leaves for one member would chase each other for ever.
    record.statusLTime = intent.ltime;
    if (record.member.status === 'alive' || record.member.status === 'leaving') {
      this.#setStatus(record, 'leaving');
      record.leavingSinceMs = nowMs;
    } else if (record.member.status === 'failed') {
      this.#setStatus(record, 'left');
      this.#tell('member-leave', record.member);
    }
    if (intent.prune) this.#prune(record, nowMs);
    return true;
  }

  /**
   * A prune's wait is over: a member that came back meanwhile stays. One that is still leaving lives for the membership
   * layer, or it would have departed: erased now, nothing would ever make this node know it again. It is failed or
   * refutes soon, so the prune waits on.
   */
  pruneDue(name: string, arming: number, nowMs: number): void {
    const record = this.#byName.get(name);
    if (record?.pruneArming === arming) this.#prune(record, nowMs);
  }

  /** Other members that were said to leave before a moment, and neither went nor contradicted. */
  overdue(beforeMs: number): string[] {
    const names: string[] = [];
    for (const [name, { leavingSinceMs }] of this.#byName) {
      if (leavingSinceMs === undefined || name === this.#options.self) continue;
      if (leavingSinceMs < beforeMs) names.push(name);
    }
    return names;
  }

  /** Forgets members and intents that are gone for longer than their timeouts; exactly as long is kept (spec/03 §11.2). */
  reap(nowMs: number): void {
    this.#reapList(this.#failed, nowMs - this.#options.reconnectTimeoutMs);
    this.#reapList(this.#left, nowMs - this.#options.tombstoneTimeoutMs);
    this.#recent.expire(nowMs, this.#options.recentIntentTimeoutMs);
  }

  #create(from: Member, nowMs: number): void {
    this.#makeRoom();
    const intent = this.#recent.find(from.name);
    const status = intent?.kind === 'leave' ? 'leaving' : 'alive';
    const record: MemberRecord = {
      member: describeMember(from, status),
      statusLTime: intent?.ltime ?? 0,
      leaveTimeMs: undefined,
      leavingSinceMs: status === 'leaving' ? nowMs : undefined,
      pruneArming: undefined,
    };
    this.#byName.set(from.name, record);
    this.#emit({ type: 'memberChanged', member: record.member });
    this.#tell('member-join', record.member);
  }

  /**
   * The membership layer bounds its own list, and forgets who is gone within a minute; here they stay for a day. Without a
   * bound of this list, whoever lets names come and go would fill the memory.
   */
  #makeRoom(): void {
    if (this.#byName.size < this.#options.memberLimit) return;
    const [left] = this.#left;
    const [failed] = this.#failed;
    const gone = left ?? failed;
    if (gone !== undefined) this.#erase(gone);
  }

  #revive(record: MemberRecord, from: Member, nowMs: number): void {
    const { leaveTimeMs } = record;
    const isFlap =
      record.member.status === 'failed' &&
      leaveTimeMs !== undefined &&
      nowMs - leaveTimeMs < this.#options.flapTimeoutMs;
    if (isFlap) this.#flaps += 1;
    this.#place(record, 'alive');
    this.#show(record, describeMember(from, 'alive'));
    this.#tell('member-join', record.member);
  }

  #remember(name: string, kind: 'join' | 'leave', ltime: number, nowMs: number): boolean {
    // No member can ever come by such a name: keeping it would only fill the buffer.
    if (memberNameProblem(name) !== undefined) return false;
    return this.#recent.upsert(name, kind, ltime, nowMs);
  }

  /**
   * Erases a member that left. A leaving one gets time to depart first, and to refute: erasing a living member would
   * make the cluster forget it for good (spec/03 §8.4, §24, 4).
   */
  #prune(record: MemberRecord, nowMs: number): void {
    if (record.member.status === 'left') {
      this.#erase(record);
      return;
    }
    this.#prunes += 1;
    record.pruneArming = this.#prunes;
    this.#emit({
      type: 'schedule',
      timer: { type: 'prune', node: record.member.name, record: record.pruneArming },
      atMs: nowMs + this.#options.pruneDelayMs,
    });
  }

  #reapList(list: ReadonlySet<MemberRecord>, goneBeforeMs: number): void {
    for (const record of list) {
      if (record.leaveTimeMs !== undefined && record.leaveTimeMs < goneBeforeMs)
        this.#erase(record);
    }
  }

  #erase(record: MemberRecord): void {
    const { name } = record.member;
    if (name === this.#options.self) return;
    this.#byName.delete(name);
    this.#failed.delete(record);
    this.#left.delete(record);
    this.#emit({ type: 'memberForgotten', name });
    this.#tell('member-reap', record.member);
  }

  #setStatus(record: MemberRecord, status: MemberStatus): void {
    this.#place(record, status);
    this.#show(record, { ...record.member, status });
  }

  /** Puts a record on the list that its status belongs to. */
  #place(record: MemberRecord, status: MemberStatus): void {
    this.#failed.delete(record);
    this.#left.delete(record);
    if (status === 'failed') this.#failed.add(record);
    if (status === 'left') this.#left.add(record);
    if (status !== 'leaving') record.leavingSinceMs = undefined;
    if (status !== 'alive') return;
    record.leaveTimeMs = undefined;
    record.pruneArming = undefined;
  }

  #show(record: MemberRecord, member: SerfMember): void {
    if (isSameMember(record.member, member)) return;
    record.member = member;
    this.#emit({ type: 'memberChanged', member });
  }

  #tell(type: MemberEventType, member: SerfMember): void {
    const { name, endpoint } = member;
    this.#emit({
      type: 'report',
      code: 'memberEvent',
      event: type,
      node: name,
      host: endpoint.host,
    });
    this.#emit({ type: 'event', event: { type, members: [member] } });
  }
}
