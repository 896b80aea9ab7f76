import type { Random } from '../swim/random.js';
import { DecodeError } from '../wire/decode-error.js';
import { type Coordinate, origin } from './coordinate.js';
import { distanceMs, nanosecondsOf } from './distance.js';
import { decodePingPayload, encodePingPayload } from './ping-payload.js';
import { Vivaldi } from './vivaldi.js';

/** What came of an ack's payload. */
export type Lesson =
  | {
      readonly type: 'learnt' /** How far this node's own place moved. */;
      readonly movedMs: number;
    }
  /** A coordinate that cannot be, or a round trip that cannot be one; nothing changed. */
  | { readonly type: 'rejected'; readonly reason: string }
  /** No coordinate at all. */
  | { readonly type: 'unreadable'; readonly reason: string };

/** This node's place and what it knows of the places of those that it probed (spec/04 §7). */
export class Coordinates {
  readonly #self: string;
  readonly #vivaldi: Vivaldi;
  readonly #cache = new Map<string, Coordinate>();
  #payload: Uint8Array;
  #rejected = 0;

  /** `start` is where this node was when it last ran: it need not disturb the others by finding its place anew. */
  constructor(self: string, random: Random, start: Coordinate = origin) {
    this.#self = self;
    this.#vivaldi = new Vivaldi(random, start);
    this.#cache.set(self, start);
    this.#payload = encodePingPayload(start);
  }

  /** What every ack of this node carries. */
  get payload(): Uint8Array {
    return this.#payload;
  }

  get resets(): number {
    return this.#vivaldi.resets;
  }

  get zeroRtts(): number {
    return this.#vivaldi.zeroRtts;
  }

  /** Coordinates and round trips that were refused. */
  get rejected(): number {
    return this.#rejected;
  }

  /** The place of a node; `undefined` for one that this node never probed with success. */
  get(name: string): Coordinate | undefined {
    return this.#cache.get(name);
  }

  /** A direct ping was answered; no payload means a peer without coordinates. */
  learn(peer: string, rttMs: number, payload: Uint8Array): Lesson {
    let coordinate: Coordinate;
    try {
      coordinate = decodePingPayload(payload);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return { type: 'unreadable', reason: error.message };
    }
    const before = this.#vivaldi.coordinate;
    const reason = this.#vivaldi.observe({
      peer,
      coordinate,
      rttNanoseconds: nanosecondsOf(rttMs),
    });
    if (reason !== undefined) {
      this.#rejected += 1;
      return { type: 'rejected', reason };
    }
    const after = this.#vivaldi.coordinate;
    this.#cache.set(peer, coordinate);
    this.#cache.set(this.#self, after);
    this.#payload = encodePingPayload(after);
    return { type: 'learnt', movedMs: distanceMs(before, after) };
  }

  /** The member was erased. */
  forget(peer: string): void {
    if (peer === this.#self) return;
    this.#vivaldi.forget(peer);
    this.#cache.delete(peer);
  }
}
