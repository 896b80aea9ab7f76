import type { Coordinate } from '../coordinates/coordinate.js';
import { Coordinates } from '../coordinates/coordinates.js';
import type { SwimNotice } from '../swim/output.js';
import type { Random } from '../swim/random.js';
import type { SerfOutput } from './output.js';

export interface RoundTripsOptions {
  readonly self: string;
  /** Then acks carry nothing, and what other acks carry is not looked at. */
  readonly disableCoordinates: boolean;
}

/** What coordinates counted; all 0 while they are disabled. */
export interface CoordinateCounters {
  /** How often this node gave up its place and began anew. */
  readonly resets: number;
  /** Coordinates and round trips of others that cannot be, or could not be read. */
  readonly rejected: number;
  /** Round trips of 0 (`serf.coordinate.zero-rtt`). */
  readonly zeroRtts: number;
}

/** Learns this node's place in the network from the round trips of its probes (spec/04 §6). */
export class RoundTrips {
  readonly #coordinates: Coordinates | undefined;
  readonly #emit: (output: SerfOutput) => void;
  readonly #moved: (ms: number) => void;
  #unreadable = 0;

  /** `moved` hears how far each round trip moved this node; `start` is where it was when it last ran. */
  constructor(
    options: RoundTripsOptions,
    random: Random,
    emit: (output: SerfOutput) => void,
    moved: (ms: number) => void,
    start?: Coordinate,
  ) {
    this.#emit = emit;
    this.#moved = moved;
    if (!options.disableCoordinates) {
      this.#coordinates = new Coordinates(options.self, random, start);
    }
  }

  get areKept(): boolean {
    return this.#coordinates !== undefined;
  }

  /** What acks carry. */
  get payload(): Uint8Array | undefined {
    return this.#coordinates?.payload;
  }

  get counters(): CoordinateCounters {
    return {
      resets: this.#coordinates?.resets ?? 0,
      rejected: (this.#coordinates?.rejected ?? 0) + this.#unreadable,
      zeroRtts: this.#coordinates?.zeroRtts ?? 0,
    };
  }

  coordinate(node: string): Coordinate | undefined {
    return this.#coordinates?.get(node);
  }

  /** A direct ack in time. One without a payload comes from a node that keeps no coordinates. */
  heard({ member, rttMs, payload }: Extract<SwimNotice, { type: 'pingComplete' }>): void {
    if (this.#coordinates === undefined || payload === undefined || payload.length === 0) return;
    const lesson = this.#coordinates.learn(member.name, rttMs, payload);
    if (lesson.type === 'learnt') {
      this.#moved(lesson.movedMs);
      return;
    }
    if (lesson.type === 'unreadable') this.#unreadable += 1;
    const { name: node } = member;
    this.#emit({ type: 'report', code: 'coordinateRejected', node, reason: lesson.reason });
  }

  /** The member was erased. */
  forget(node: string): void {
    this.#coordinates?.forget(node);
  }
}
