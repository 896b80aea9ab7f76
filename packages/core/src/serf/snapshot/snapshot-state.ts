import type { Coordinate } from '../../coordinates/coordinate.js';
import type { KnownPeer, RestoredState } from './restored-state.js';
import type { ClockName, SnapshotRecord } from './snapshot-record.js';

export interface SnapshotStateOptions {
  /** Whether a leave forgets nothing, so that the next start joins the same members again. */
  readonly rejoinAfterLeave: boolean;
  /** Members, and failed ones, that are kept at most; beyond it the oldest are forgotten. */
  readonly aliveLimit: number;
  readonly failedLimit: number;
}

/** What a snapshot says when all its records were read: the same for a file that is replayed and for one being written. */
export class SnapshotState {
  readonly #options: SnapshotStateOptions;
  readonly #alive = new Map<string, KnownPeer>();
  readonly #failed = new Map<string, KnownPeer>();
  readonly #clocks: Record<ClockName, number> = { clock: 0, 'event-clock': 0, 'query-clock': 0 };
  #coordinate: Coordinate | undefined;

  constructor(options: SnapshotStateOptions) {
    this.#options = options;
  }

  /** Members and failed ones. */
  get size(): number {
    return this.#alive.size + this.#failed.size;
  }

  /** The members, this node among them when it was one. */
  alive(): KnownPeer[] {
    return [...this.#alive.values()];
  }

  time(clock: ClockName): number {
    return this.#clocks[clock];
  }

  apply(record: SnapshotRecord): void {
    switch (record.type) {
      case 'alive':
        this.#failed.delete(record.peer.name);
        keep(this.#alive, record.peer, this.#options.aliveLimit);
        break;
      case 'failed':
        this.#alive.delete(record.peer.name);
        keep(this.#failed, record.peer, this.#options.failedLimit);
        break;
      case 'not-alive':
        this.#alive.delete(record.name);
        this.#failed.delete(record.name);
        break;
      case 'clock':
      case 'event-clock':
      case 'query-clock':
        this.#clocks[record.type] = record.time;
        break;
      case 'coordinate':
        this.#coordinate = record.coordinate;
        break;
      case 'leave':
        if (!this.#options.rejoinAfterLeave) this.#forget();
        break;
      default:
        record satisfies never;
    }
  }

  /** As few records as say the same: what a compacted file holds, in Serf's order (spec/03 §19.3). */
  records(): SnapshotRecord[] {
    const times = Object.entries(this.#clocks) as [ClockName, number][];
    return [
      ...this.alive().map((peer) => ({ type: 'alive', peer }) as const),
      ...Array.from(this.#failed.values(), (peer) => ({ type: 'failed', peer }) as const),
      ...times.filter(([, time]) => time > 0).map(([type, time]) => ({ type, time })),
      ...(this.#coordinate === undefined
        ? []
        : [{ type: 'coordinate', coordinate: this.#coordinate } as const]),
    ];
  }

  /** What a node called `self` starts with. */
  restored(self: string): RestoredState {
    const peers = [...this.#alive.values(), ...this.#failed.values()];
    return {
      clock: this.#clocks.clock,
      eventClock: this.#clocks['event-clock'],
      queryClock: this.#clocks['query-clock'],
      peers: peers.filter(({ name }) => name !== self),
      coordinate: this.#coordinate,
    };
  }

  #forget(): void {
    this.#alive.clear();
    this.#failed.clear();
    for (const clock of Object.keys(this.#clocks) as ClockName[]) this.#clocks[clock] = 0;
  }
}

/** The latest word counts, at the place of the latest. */
function keep(peers: Map<string, KnownPeer>, peer: KnownPeer, limit: number): void {
  peers.delete(peer.name);
  peers.set(peer.name, peer);
  if (peers.size <= limit) return;
  const [oldest] = peers.keys();
  if (oldest !== undefined) peers.delete(oldest);
}
