import { bool, float64, nilOrListOf, struct } from './codec.js';

/** Where a node stands in the network (spec/04 §1). All in seconds, but for `error`, which has no unit. */
export interface CoordinateRecord {
  readonly vector: readonly number[];
  readonly error: number;
  readonly adjustment: number;
  readonly height: number;
}

const coordinate = struct({
  vector: ['Vec', nilOrListOf(float64)],
  error: ['Error', float64],
  adjustment: ['Adjustment', float64],
  height: ['Height', float64],
});

/** The coordinate is all zero unless `isKnown`. */
export const coordinateReply = struct({ coordinate: ['Coord', coordinate], isKnown: ['Ok', bool] });

/** For a node that is not known, or has none. */
export const noCoordinate = coordinateReply.zero;
