import type { RandomSource } from './random-source.js';
import type { Nodes } from './scenario.js';

/** How the network treats what is sent. Times in milliseconds, rates from 0 to 1. */
export interface NetworkModel {
  /** One way, at least. */
  readonly latencyMs: number;
  /** Mean of what comes on top; a few packets take many times as long. */
  readonly jitterMs: number;
  /** Share of datagrams that are lost; streams pay with retransmissions. */
  readonly loss: number;
  readonly duplication: number;
  /** Share of datagrams that take `reorderingDelayMs` longer (up to), so that later ones overtake them. */
  readonly reordering: number;
  readonly reorderingDelayMs: number;
}

/** A quiet local network. */
export const calmNetwork: NetworkModel = {
  latencyMs: 0.2,
  jitterMs: 0.3,
  loss: 0,
  duplication: 0,
  reordering: 0,
  reorderingDelayMs: 50,
};

/** What became of all datagrams. */
export interface NetworkCounters {
  sent: number;
  bytes: number;
  lost: number;
  duplicated: number;
  /** Held up by a cut or partition. */
  cut: number;
  /** Addressed to where nobody listens. */
  unheard: number;
  /** Thrown away because a paused process's socket buffer was full. */
  overflowed: number;
  /** Sealed with a key that the receiver has not. */
  unopened: number;
}

/** A standing cut: whether it holds up what goes from one node to another, and whether the sender is told. */
export interface Cut {
  blocks(from: string, to: string): boolean;
  readonly sendErrors: boolean;
}

/** Decides what becomes of each datagram and stream segment: who hears it, and when. */
export class Network {
  readonly counters: NetworkCounters = {
    sent: 0,
    bytes: 0,
    lost: 0,
    duplicated: 0,
    cut: 0,
    unheard: 0,
    overflowed: 0,
    unopened: 0,
  };
  readonly #random: RandomSource;
  readonly #base: NetworkModel;
  /** Later changes win over earlier ones while they last. */
  readonly #changes = new Set<Partial<NetworkModel>>();
  readonly #cuts = new Set<Cut>();
  #model: NetworkModel;

  constructor(base: NetworkModel, random: RandomSource) {
    this.#base = base;
    this.#model = base;
    this.#random = random;
  }

  /** Adds a cut and returns what ends it. */
  cut(cut: Cut): () => void {
    this.#cuts.add(cut);
    return () => this.#cuts.delete(cut);
  }

  /** Changes the model and returns what ends the change. */
  change(change: Partial<NetworkModel>): () => void {
    const own = { ...change };
    this.#changes.add(own);
    this.#mix();
    return () => {
      this.#changes.delete(own);
      this.#mix();
    };
  }

  /** Ends every fault of the network. */
  heal(): void {
    this.#cuts.clear();
    this.#changes.clear();
    this.#mix();
  }

  /** The cut that holds up what `from` sends to `to`, if there is one. */
  cutBetween(from: string, to: string): Cut | undefined {
    for (const cut of this.#cuts) if (cut.blocks(from, to)) return cut;
    return undefined;
  }

  /** The delays after which copies of one datagram arrive: none when it is lost, two when it is duplicated. */
  datagram(): number[] {
    if (this.#random.chance(this.#model.loss)) {
      this.counters.lost += 1;
      return [];
    }
    const delays = [this.#datagramDelay()];
    if (this.#random.chance(this.#model.duplication)) {
      this.counters.duplicated += 1;
      delays.push(this.#datagramDelay());
    }
    return delays;
  }

  /** The delay of one stream segment, or `undefined` when it is lost and the sender must try again. */
  segment(): number | undefined {
    return this.#random.chance(this.#model.loss) ? undefined : this.#delay();
  }

  #datagramDelay(): number {
    const late = this.#random.chance(this.#model.reordering)
      ? this.#random.between(0, this.#model.reorderingDelayMs)
      : 0;
    return this.#delay() + late;
  }

  #delay(): number {
    return this.#model.latencyMs + this.#random.exponential(this.#model.jitterMs);
  }

  #mix(): void {
    this.#model = Object.assign({}, this.#base, ...this.#changes);
  }
}

/** Holds up one direction only. */
export function oneWayCut(from: Nodes, to: Nodes, sendErrors: boolean): Cut {
  return { blocks: (source, target) => isAmong(from, source) && isAmong(to, target), sendErrors };
}

/** Holds up everything between different groups; nodes in no group are together. */
export function partition(groups: readonly (readonly string[])[]): Cut {
  const groupOf = new Map(groups.flatMap((group, index) => group.map((node) => [node, index])));
  return { blocks: (from, to) => groupOf.get(from) !== groupOf.get(to), sendErrors: false };
}

function isAmong(nodes: Nodes, node: string): boolean {
  return nodes === 'all' || nodes.includes(node);
}
