import type { SerfEvent } from '../../serf/event.js';
import { Measure } from '../../swim/measure.js';

/** Names of events and queries that are told apart: others choose them, so there must be an end. */
const nameLimit = 1_000;

/** What the shell measures around the core, for Serf's metrics (spec/07 §13.2). */
export class EngineMeasures {
  /** Bytes of each datagram. */
  readonly udpSent = new Measure();
  readonly udpReceived = new Measure();
  /** Streams, and the bytes of what was written on each. */
  readonly streamsAccepted = new Measure();
  readonly streamsDialled = new Measure();
  readonly streamBytesSent = new Measure();
  /** Milliseconds of each round of gossip, and of each exchange that this node began. */
  readonly gossip = new Measure();
  readonly pushPulls = new Measure();
  /** Bytes of the last state that was sent in a push/pull; 0 before the first one. */
  localStateBytes = 0;
  /** Bytes of each state that came. */
  readonly remoteStateBytes = new Measure();
  /** By the metric's name. */
  readonly events = new Map<string, Measure>();

  /** Counts an event that the application hears of. */
  heard(event: SerfEvent, nowMs: number): void {
    switch (event.type) {
      case 'user':
        this.#count('serf.events', nowMs);
        this.#count(`serf.events.${event.name}`, nowMs, nameLimit);
        break;
      case 'query':
        this.#count('serf.queries', nowMs);
        this.#count(`serf.queries.${event.name}`, nowMs, nameLimit);
        break;
      default: {
        const name = memberMetrics[event.type];
        if (name === undefined) return;
        for (const _ of event.members) this.#count(name, nowMs);
      }
    }
  }

  /** Behind `limit` a new name does not count: Serf's own names, which are few, have none. */
  #count(name: string, nowMs: number, limit = Number.POSITIVE_INFINITY): void {
    let measure = this.events.get(name);
    if (measure === undefined) {
      if (this.events.size >= limit) return;
      measure = new Measure();
      this.events.set(name, measure);
    }
    measure.add(1, nowMs);
  }
}

const memberMetrics: Readonly<Partial<Record<string, string>>> = {
  'member-join': 'serf.member.join',
  'member-leave': 'serf.member.left',
  'member-failed': 'serf.member.failed',
  'member-update': 'serf.member.update',
};
