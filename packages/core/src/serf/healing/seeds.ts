import type { Random } from '../../swim/random.js';
import { choose } from '../../swim/random-choice.js';
import { type Endpoint, formatEndpoint } from '../../wire/endpoint.js';

/** An address that the operator gave, and what is known of it. */
interface Seed {
  /** Where it led when it was looked up last. */
  endpoints: readonly Endpoint[];
  /** When it may be looked up, and what is missing be contacted, again. */
  nextMs: number;
  /** Rounds since all that it leads to were members. */
  rounds: number;
  isLookedUp: boolean;
}

/** Who is a member, by address. */
export interface Presence {
  /** Living members, this node included. */
  readonly members: number;
  has(endpoint: Endpoint): boolean;
}

/** Addresses of operators are few; more are a mistake. */
const seedLimit = 256;

/** The pause after the first round for a seed; it doubles with each. */
const firstPauseMs = 30_000;

/** Also how often a seed whose members are all there is looked up: names may come to lead elsewhere. */
const longestPauseMs = 600_000;

/** Of the members of a side, about so many go after a seed in a round: one may be the one that cannot reach it. */
const seekersPerRound = 2;

/** Addresses of one seed that are contacted in one round. */
const contactsPerRound = 3;

/**
 * The addresses that this node was told to join. While everybody there is a member, nothing happens; a node that finds
 * itself without them looks them up anew and contacts them, for ever, less and less often. Serf contacts them once.
 */
export class Seeds {
  readonly #random: Random;
  readonly #byAddress = new Map<string, Seed>();

  constructor(addresses: readonly string[], random: Random) {
    this.#random = random;
    for (const address of addresses.slice(0, seedLimit)) {
      this.#byAddress.set(address, { endpoints: [], nextMs: 0, rounds: 0, isLookedUp: false });
    }
  }

  get size(): number {
    return this.#byAddress.size;
  }

  /** The seeds that are to be looked up now. Each stays out until it is `found`. */
  due(presence: Presence, nowMs: number): string[] {
    const due: string[] = [];
    for (const [address, seed] of this.#byAddress) {
      if (seed.isLookedUp || nowMs < seed.nextMs) continue;
      // Of a large cluster only some go, as all of them miss the same seed.
      const isMissed = seed.endpoints.length > 0 && !isAllThere(seed, presence);
      if (isMissed && this.#random() > seekersPerRound / presence.members) continue;
      seed.isLookedUp = true;
      due.push(address);
    }
    return due;
  }

  /** Where a seed leads now, `undefined` when that could not be found out. Returns whom to contact. */
  found(
    address: string,
    endpoints: readonly Endpoint[] | undefined,
    presence: Presence,
    nowMs: number,
  ): Endpoint[] {
    const seed = this.#byAddress.get(address);
    if (seed === undefined) return [];
    seed.isLookedUp = false;
    if (endpoints !== undefined) seed.endpoints = endpoints;
    if (seed.endpoints.length > 0 && isAllThere(seed, presence)) {
      seed.rounds = 0;
      seed.nextMs = nowMs + longestPauseMs;
      return [];
    }
    seed.rounds += 1;
    seed.nextMs = nowMs + this.#pauseMs(seed.rounds);
    return choose(contactsPerRound, seed.endpoints, (each) => !presence.has(each), this.#random);
  }

  /**
   * Somebody answered at a seed's address. Where that one calls itself by another address (behind NAT, or a balancer) the
   * seed will never seem to be there: then it is contacted as seldom as can be.
   */
  reached(address: string, nowMs: number): void {
    const seed = this.#byAddress.get(address);
    if (seed !== undefined) seed.nextMs = nowMs + longestPauseMs;
  }

  /** A member went: whoever is missed at a seed's address from now on is wanted soon. */
  missed(endpoint: Endpoint, nowMs: number): void {
    const gone = formatEndpoint(endpoint);
    for (const seed of this.#byAddress.values()) {
      if (!seed.endpoints.some((each) => formatEndpoint(each) === gone)) continue;
      seed.rounds = 0;
      seed.nextMs = Math.min(seed.nextMs, nowMs + firstPauseMs);
    }
  }

  /** Between half and one and a half of the round's pause, so that nodes that lost each other at once do not call at once. */
  #pauseMs(rounds: number): number {
    const pauseMs = Math.min(firstPauseMs * 2 ** (rounds - 1), longestPauseMs);
    return pauseMs * (0.5 + this.#random());
  }
}

function isAllThere(seed: Seed, presence: Presence): boolean {
  return seed.endpoints.every((endpoint) => presence.has(endpoint));
}
