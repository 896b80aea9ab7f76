import type { Endpoint } from '../wire/endpoint.js';
import type { Member } from './member.js';
import type { Random } from './random.js';
import { randomIndex, shuffle, swap } from './random-choice.js';

/** The place of one name in the list. What is known of it is replaced whole, so that snapshots stay what they were. */
export interface Entry {
  member: Member;
}

const nobody: readonly Entry[] = Object.freeze([]);

/** Alive or suspect: what callers call a member. */
export function isPresent(member: Member): boolean {
  return member.state === 'alive' || member.state === 'suspect';
}

/**
 * All that this node knows, in the order in which it probes them (spec/02 §1, §12), with an index by name and one by
 * endpoint: no packet may cost a walk through the list.
 */
export class MemberList {
  readonly #random: Random;
  readonly #entries: Entry[] = [];
  readonly #byName = new Map<string, Entry>();
  /** By host, then port: no key has to be put together for a look-up. */
  readonly #byEndpoint = new Map<string, Map<number, Entry[]>>();
  #presentCount = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** In probing order. Only this class changes it. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Every entry counts, dead and left ones too: the `n` of all scaling formulas. */
  get length(): number {
    return this.#entries.length;
  }

  get presentCount(): number {
    return this.#presentCount;
  }

  get(name: string): Entry | undefined {
    return this.#byName.get(name);
  }

  /** Who lives at an endpoint, in any state. More than one is a mistake of somebody's configuration. */
  at(endpoint: Endpoint): readonly Entry[] {
    return this.#byEndpoint.get(endpoint.host)?.get(endpoint.port) ?? nobody;
  }

  /**
   * Adds a new name at a random place, so that the expected time until its first probe is half a cycle, wherever the
   * prober stands (SWIM §4.3).
   */
  add(member: Member): Entry {
    const entry: Entry = { member };
    this.#entries.push(entry);
    swap(this.#entries, this.#entries.length - 1, randomIndex(this.#entries.length, this.#random));
    this.#byName.set(member.name, entry);
    this.#index(entry);
    if (isPresent(member)) this.#presentCount += 1;
    return entry;
  }

  /** Replaces what is known of a name; the name stays. */
  update(entry: Entry, member: Member): void {
    const moved = entry.member.endpoint !== member.endpoint;
    if (moved) this.#unindex(entry);
    this.#presentCount += Number(isPresent(member)) - Number(isPresent(entry.member));
    entry.member = member;
    if (moved) this.#index(entry);
  }

  /** Forgets the entries of which `isOver` holds and puts the rest into a new order. */
  reset(isOver: (member: Member) => boolean): void {
    let kept = 0;
    for (const entry of this.#entries) {
      if (isOver(entry.member)) {
        this.#byName.delete(entry.member.name);
        this.#unindex(entry);
        if (isPresent(entry.member)) this.#presentCount -= 1;
      } else {
        this.#entries[kept] = entry;
        kept += 1;
      }
    }
    this.#entries.length = kept;
    shuffle(this.#entries, this.#random);
  }

  #index(entry: Entry): void {
    const { host, port } = entry.member.endpoint;
    let ports = this.#byEndpoint.get(host);
    if (ports === undefined) {
      ports = new Map();
      this.#byEndpoint.set(host, ports);
    }
    const sharing = ports.get(port);
    if (sharing === undefined) ports.set(port, [entry]);
    else sharing.push(entry);
  }

  #unindex(entry: Entry): void {
    const { host, port } = entry.member.endpoint;
    const ports = this.#byEndpoint.get(host);
    const sharing = ports?.get(port);
    if (ports === undefined || sharing === undefined) return;
    sharing.splice(sharing.indexOf(entry), 1);
    if (sharing.length === 0) ports.delete(port);
    if (ports.size === 0) this.#byEndpoint.delete(host);
  }
}
