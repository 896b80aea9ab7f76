import type { Random } from '../swim/random.js';
import {
  allFinite,
  type Coordinate,
  coordinateProblem,
  highestError,
  origin,
  originOf,
  zeroThreshold,
} from './coordinate.js';
import { distanceSeconds, rawDistanceSeconds, secondsOf } from './distance.js';
import { pushed } from './force.js';
import { LatencyFilter } from './latency-filter.js';

/** How fast the error follows new measurements. */
const errorGain = 0.25;
/** How far one measurement moves the place. */
const movementGain = 0.25;
/** Measurements whose residuals make the adjustment. */
const adjustmentWindow = 20;
/** Scale of the pull to the origin, in seconds: it keeps the whole cloud of nodes from drifting away. */
const gravityScaleSeconds = 150;
/** A longer round trip says more about a stalled process than about a network. */
const longestRttNanoseconds = 10e9;

/** One measured round trip to a peer, and the place that the peer says it is at. */
export interface Observation {
  readonly peer: string;
  readonly coordinate: Coordinate;
  /** Whole nanoseconds. */
  readonly rttNanoseconds: number;
}

/**
 * One node's place, learnt from round trips: Vivaldi with heights, adjustments and gravity. Every step follows Serf's
 * arithmetic to the last bit (spec/04 §5), so that mixed clusters agree on their distances.
 */
export class Vivaldi {
  readonly #random: Random;
  readonly #origin: Coordinate;
  readonly #latencies = new LatencyFilter();
  #coordinate: Coordinate;
  #residuals: number[] = [];
  #nextResidual = 0;
  #resets = 0;
  #zeroRtts = 0;

  /** `start` is where the node was last; its number of dimensions is everybody's. */
  constructor(random: Random, start: Coordinate = origin) {
    this.#random = random;
    this.#origin = originOf(start.vec.length);
    this.#coordinate = start;
    this.#clearHistory();
  }

  get coordinate(): Coordinate {
    return this.#coordinate;
  }

  /** How often the place became no place any more, and was given up. */
  get resets(): number {
    return this.#resets;
  }

  /** Measurements of 0: two nodes on one machine with a coarse clock. */
  get zeroRtts(): number {
    return this.#zeroRtts;
  }

  /**
   * Moves the node by what one round trip says. Returns why it was refused, with its place unchanged, or `undefined`.
   *
   * A peer may claim what is just about believable, such as a great height right beside this node, and one step from there
   * leads out of every network, where the others refuse this node or, being Serf's, follow it (spec/04 §10, 1). Such a
   * step is not taken.
   */
  observe({ peer, coordinate, rttNanoseconds }: Observation): string | undefined {
    const problem = coordinateProblem(coordinate, this.#origin.vec.length);
    if (problem !== undefined) return problem;
    if (!(rttNanoseconds >= 0 && rttNanoseconds <= longestRttNanoseconds)) {
      return `round trip time not in valid range, duration ${rttNanoseconds} ns is not a positive value less than 10s`;
    }
    if (rttNanoseconds === 0) this.#zeroRtts += 1;

    const rttSeconds = this.#latencies.add(peer, secondsOf(rttNanoseconds));
    const before = { coordinate: this.#coordinate, residual: this.#residuals[this.#nextResidual] };
    this.#attract(coordinate, rttSeconds);
    this.#adjust(coordinate, rttSeconds);
    this.#fall();
    if (!allFinite(this.#coordinate)) {
      this.#reset();
      return undefined;
    }
    const absurd = coordinateProblem(this.#coordinate, this.#origin.vec.length);
    if (absurd === undefined) this.#nextResidual = (this.#nextResidual + 1) % adjustmentWindow;
    else {
      this.#coordinate = before.coordinate;
      this.#residuals[this.#nextResidual] = before.residual as number;
    }
    return absurd && `it would move this node out of the network: ${absurd}`;
  }

  /** Forgets the round trips of a peer that is gone for good. */
  forget(peer: string): void {
    this.#latencies.forget(peer);
  }

  #attract(other: Coordinate, rttSeconds: number): void {
    const own = this.#coordinate;
    const distance = distanceSeconds(own, other);
    const rtt = Math.max(rttSeconds, zeroThreshold);
    const wrongness = Math.abs(distance - rtt) / rtt;
    const total = Math.max(own.error + other.error, zeroThreshold);
    const weight = own.error / total;
    const error = Math.min(
      errorGain * weight * wrongness + own.error * (1 - errorGain * weight),
      highestError,
    );
    const force = movementGain * weight * (rtt - distance);
    this.#coordinate = pushed({ ...own, error: Math.max(error, 0) }, force, other, this.#random);
  }

  /** All slots count, also those that are still empty: the first measurements adjust but little. */
  #adjust(other: Coordinate, rttSeconds: number): void {
    this.#residuals[this.#nextResidual] = rttSeconds - rawDistanceSeconds(this.#coordinate, other);
    const sum = this.#residuals.reduce((total, residual) => total + residual, 0);
    this.#coordinate = { ...this.#coordinate, adjustment: sum / (2 * adjustmentWindow) };
  }

  #fall(): void {
    const share = distanceSeconds(this.#origin, this.#coordinate) / gravityScaleSeconds;
    this.#coordinate = pushed(this.#coordinate, -(share * share), this.#origin, this.#random);
  }

  /** The history goes too: what spoiled the place once would spoil each of the next ones (spec/04 §10, 1). */
  #reset(): void {
    this.#resets += 1;
    this.#coordinate = this.#origin;
    this.#clearHistory();
  }

  #clearHistory(): void {
    this.#latencies.clear();
    this.#residuals = new Array<number>(adjustmentWindow).fill(0);
    this.#nextResidual = 0;
  }
}
