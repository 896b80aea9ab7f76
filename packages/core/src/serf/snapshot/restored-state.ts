import type { Coordinate } from '../../coordinates/coordinate.js';
import type { Endpoint } from '../../wire/endpoint.js';

/** A node by its name, and where it was last. */
export interface KnownPeer {
  readonly name: string;
  readonly endpoint: Endpoint;
}

/** What a node knows of its former life when it starts (spec/03 §19.4). */
export interface RestoredState {
  /** The last Lamport times that were taken by intents, events and queries; 0 where there were none. */
  readonly clock: number;
  readonly eventClock: number;
  readonly queryClock: number;
  /** Others that were members, or failed ones whose return was waited for. */
  readonly peers: readonly KnownPeer[];
  /** Where this node was in the network. */
  readonly coordinate: Coordinate | undefined;
}
