/**
 * A node's estimated place in an abstract space; the distance between two places predicts the round trip between them
 * (spec/04 §1). Lengths in seconds. A snapshot: it does not change after it was handed out.
 */
export interface Coordinate {
  /** The Euclidean part. */
  readonly vec: readonly number[];
  /** How uncertain the place is; without a unit, at most 1.5. */
  readonly error: number;
  /** Added to every distance, from what the last measurements were off; may be negative. */
  readonly adjustment: number;
  /** The part of every way that leads from the node into the network. */
  readonly height: number;
}

export const dimensions = 8;

export const highestError = 1.5;

/** No access link is shorter. */
export const lowestHeight = 1e-5;

/** Two places closer than this, in seconds, are one; a round trip counts as at least this long. */
export const zeroThreshold = 1e-6;

/** No round trip takes minutes: lengths above this, in seconds, are made up (spec/04 §10, 1). */
const longestBelievedSeconds = 60;

/** Where every node begins. */
export const origin: Coordinate = originOf(dimensions);

export function originOf(count: number): Coordinate {
  return {
    vec: new Array<number>(count).fill(0),
    error: highestError,
    adjustment: 0,
    height: lowestHeight,
  };
}

/** Whether every number of it is one. */
export function allFinite({ vec, error, adjustment, height }: Coordinate): boolean {
  return [...vec, error, adjustment, height].every(Number.isFinite);
}

/**
 * Why a coordinate that came from elsewhere is not to be used, or `undefined`. Beyond Serf's checks, places that no
 * network has are refused: one of them would throw this node's own place away (spec/04 §10, 1 and 2).
 */
export function coordinateProblem(coordinate: Coordinate, count: number): string | undefined {
  const { vec, error, adjustment, height } = coordinate;
  if (vec.length !== count) return "dimensions aren't compatible";
  if (!allFinite(coordinate)) return 'coordinate is invalid';
  if (error < 0 || height < 0) return 'coordinate is invalid: a negative error or height';
  if ([...vec, adjustment, height].some((length) => Math.abs(length) > longestBelievedSeconds)) {
    return `coordinate is invalid: farther than ${longestBelievedSeconds} s`;
  }
  return undefined;
}
