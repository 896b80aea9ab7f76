import type { SwimNotice } from '../../swim/output.js';
import type { Random } from '../../swim/random.js';
import { type Endpoint, formatEndpoint } from '../../wire/endpoint.js';
import type { Members } from '../members.js';
import type { SerfOutput } from '../output.js';
import type { KnownPeer } from '../snapshot/restored-state.js';
import { LostPeers } from './lost-peers.js';
import { type Presence, Seeds } from './seeds.js';

export interface HealingOptions {
  readonly self: string;
  /** What this node was told to join: `host`, `host:port`. */
  readonly seeds: readonly string[];
  /** Whether events of before are wanted from the first contact on. */
  readonly replaySeeds: boolean;
}

/** More than half of a very large cluster, in less memory than its member list. */
const lostPeerLimit = 8_192;

export interface HealingParts {
  readonly members: Pick<Members, 'all' | 'get' | 'size' | 'failedCount' | 'leftCount'>;
  readonly random: Random;
  readonly emit: (output: SerfOutput) => void;
  /** Pings a node by its name; `pingResult` answers. */
  readonly ping: (token: number, node: string, to: Endpoint) => void;
}

/**
 * What Serf lacks: after any partition, however long, one cluster again without an operator. Peers that were lost are
 * asked whether they are there, and the seeds are looked up again and contacted, for as long as this node is without them.
 */
export class Healing {
  readonly #self: string;
  readonly #replaySeeds: boolean;
  readonly #parts: HealingParts;
  readonly #lost: LostPeers;
  readonly #seeds: Seeds;
  /** Peers that were asked and have not answered. */
  readonly #asked = new Map<number, KnownPeer>();
  #lastToken = 0;
  /**
   * Whether somebody else was ever a member here, in a former life too. Then a contact mends a partition, and events of the
   * other side were missed; before, it is this node's first join, and events of before are its business only where that is
   * asked for.
   */
  #hasMet = false;

  constructor(options: HealingOptions, parts: HealingParts) {
    this.#self = options.self;
    this.#replaySeeds = options.replaySeeds;
    this.#parts = parts;
    this.#lost = new LostPeers(lostPeerLimit);
    this.#seeds = new Seeds(options.seeds, parts.random);
  }

  /** Peers that are no members and asked now and then. */
  get lostPeers(): number {
    return this.#lost.size;
  }

  /** Peers of a former life. */
  restore(peers: readonly KnownPeer[]): void {
    for (const peer of peers) {
      if (peer.name === this.#self) continue;
      this.#lost.add(peer);
      this.#hasMet = true;
    }
  }

  /** What the member list tells. */
  hear(output: SerfOutput, nowMs: number): void {
    if (output.type !== 'event') return;
    const { event } = output;
    switch (event.type) {
      case 'member-join':
        for (const { name } of event.members) this.#met(name);
        break;
      case 'member-failed':
      case 'member-leave':
        for (const { endpoint } of event.members) this.#seeds.missed(endpoint, nowMs);
        break;
      case 'member-reap':
        // One that left, or was made to, is gone for good.
        for (const { name, endpoint, status } of event.members) {
          if (status === 'failed') this.#lost.add({ name, endpoint });
        }
        break;
      default:
    }
  }

  /** Somebody who is no member is said to have left. */
  departureHeard(name: string): void {
    if (this.#lost.forget(name)) this.#parts.emit({ type: 'peerForgotten', name });
  }

  /** A round: a few peers at most, and the seeds whose time has come. */
  tick(nowMs: number): void {
    const { members, random, emit } = this.#parts;
    const present = members.size - members.failedCount - members.leftCount;
    const peers = this.#lost.choose(present, random);
    if (peers.length === 0 && this.#seeds.size === 0) return;
    const presence = this.#presence();
    for (const peer of peers) {
      // Whoever lives there now under another name would only wonder at the question.
      if (!presence.has(peer.endpoint)) this.#ask(peer);
    }
    for (const address of this.#seeds.due(presence, nowMs)) emit({ type: 'lookUp', address });
  }

  /** Where a seed leads; `undefined` when that could not be found out. */
  found(address: string, endpoints: readonly Endpoint[] | undefined, nowMs: number): void {
    for (const to of this.#seeds.found(address, endpoints, this.#presence(), nowMs)) {
      const where = formatEndpoint(to);
      this.#parts.emit({ type: 'report', code: 'contactingSeed', seed: address, address: where });
      const replay = this.#hasMet || this.#replaySeeds;
      this.#parts.emit({ type: 'contact', address, to, replay });
    }
  }

  /** Somebody answered at a seed's address. */
  reached(address: string, nowMs: number): void {
    this.#seeds.reached(address, nowMs);
  }

  /**
   * An answer to a ping by name proves that it is the peer that was lost, and not a stranger who was given its address. Says
   * whether the ping was one of these. A node that is not `staying` greets nobody any more.
   */
  pinged({ token, rttMs }: Extract<SwimNotice, { type: 'pingResult' }>, staying: boolean): boolean {
    const peer = this.#asked.get(token);
    if (peer === undefined) return false;
    this.#asked.delete(token);
    if (rttMs === undefined || !staying || !this.#lost.has(peer.name)) return true;
    const { name: node, endpoint: to } = peer;
    const address = formatEndpoint(to);
    this.#parts.emit({ type: 'report', code: 'peerFound', node, address });
    this.#parts.emit({ type: 'pushPull', to, node, join: true });
    return true;
  }

  #met(name: string): void {
    this.#lost.forget(name);
    if (name !== this.#self) this.#hasMet = true;
  }

  #ask(peer: KnownPeer): void {
    // Below 0, where no other waits have their numbers.
    this.#lastToken -= 1;
    this.#asked.set(this.#lastToken, peer);
    this.#parts.ping(this.#lastToken, peer.name, peer.endpoint);
  }

  #presence(): Presence {
    const addresses = new Set<string>();
    let count = 0;
    for (const { status, endpoint } of this.#parts.members.all()) {
      if (status !== 'alive' && status !== 'leaving') continue;
      count += 1;
      addresses.add(formatEndpoint(endpoint));
    }
    return { members: count, has: (endpoint) => addresses.has(formatEndpoint(endpoint)) };
  }
}
