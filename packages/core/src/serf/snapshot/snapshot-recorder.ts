import type { Coordinate } from '../../coordinates/coordinate.js';
import type { SerfMember } from '../member.js';
import type { SerfOutput } from '../output.js';
import type { KnownPeer } from './restored-state.js';
import type { ClockName, SnapshotRecord } from './snapshot-record.js';
import type { SnapshotState } from './snapshot-state.js';

/** What the three Lamport clocks show. */
export type ClockTimes = Readonly<Record<ClockName, number>>;

/** Says what of a node's life goes into its snapshot, and when (spec/03 §19). What it returns is to be applied at once. */
export class SnapshotRecorder {
  readonly #self: string;
  readonly #state: Pick<SnapshotState, 'time'>;
  #hasLeft = false;

  /** `state` is the one that all its records are applied to. */
  constructor(self: string, state: Pick<SnapshotState, 'time'>) {
    this.#self = self;
    this.#state = state;
  }

  /** Something that the node said. After its leave, it is alone with its clock. */
  hear(output: SerfOutput): readonly SnapshotRecord[] {
    if (this.#hasLeft) return none;
    if (output.type === 'peerForgotten') return [{ type: 'not-alive', name: output.name }];
    if (output.type !== 'event') return none;
    const { event } = output;
    switch (event.type) {
      case 'member-join':
        return event.members.map((member) => ({ type: 'alive', peer: peerOf(member) }));
      case 'member-leave':
        return event.members.map(({ name }) => ({ type: 'not-alive', name }));
      case 'member-failed':
        return event.members.flatMap((member) => this.#failure(member));
      default:
        return none;
    }
  }

  /**
   * What moved of the clocks, less one: the last time that is taken. The clocks and not what was delivered, so that what
   * this node's filters kept from it is not taken for news after a restart (spec/03 §24, 17).
   */
  clocks(times: ClockTimes): readonly SnapshotRecord[] {
    const names: readonly ClockName[] = this.#hasLeft ? ['clock'] : clockNames;
    return names
      .map((type) => ({ type, time: times[type] - 1 }))
      .filter(({ type, time }) => time > this.#state.time(type));
  }

  coordinate(coordinate: Coordinate): readonly SnapshotRecord[] {
    return [{ type: 'coordinate', coordinate }];
  }

  /** This node is about to leave. */
  leave(): readonly SnapshotRecord[] {
    if (this.#hasLeft) return none;
    this.#hasLeft = true;
    return [{ type: 'leave' }];
  }

  /** Serf's line, so that Serf does not try it either, and ours, which it takes for a comment (spec/03 §19.3). */
  #failure(member: SerfMember): SnapshotRecord[] {
    const { name } = member;
    const gone = { type: 'not-alive', name } as const;
    return name === this.#self ? [gone] : [gone, { type: 'failed', peer: peerOf(member) }];
  }
}

const none: readonly SnapshotRecord[] = [];

const clockNames: readonly ClockName[] = ['clock', 'event-clock', 'query-clock'];

function peerOf({ name, endpoint }: SerfMember): KnownPeer {
  return { name, endpoint };
}
