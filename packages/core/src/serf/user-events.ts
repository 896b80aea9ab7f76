import type { BroadcastQueue } from '../swim/broadcast-queue.js';
import { encodeSerfMessage } from '../wire/serf-codec.js';
import type { EventGroup, UserEventMessage } from '../wire/serf-messages.js';
import { utf8Length, wellFormed } from '../wire/utf8.js';
import type { UserEvent } from './event.js';
import type { RequestId } from './input.js';
import { LamportClock } from './lamport-clock.js';
import { LamportRing } from './lamport-ring.js';
import type { SerfOptions } from './options.js';
import type { SerfOutput } from './output.js';

/** Events of this many Lamport times are remembered (spec/03 §13.2). */
const bufferSlots = 512;

/** The largest name and payload together, in bytes, that any member may send (spec/03 §13.1). */
export const userEventLimitBytes = 9_216;

/** What one Lamport time may keep: a thousand members may send at the same logical moment, but not without end. */
const slotLimitBytes = 256 * 1_024;

/** What all of them may keep together. */
const bufferLimitBytes = 32 * 1_024 * 1_024;

/** What an event costs beside its name and payload, so that a flood of empty ones is bounded too. */
const eventCostBytes = 32;

/** What a push/pull carries of the events: the newest that fit. A stream that grows too long is refused whole. */
const stateLimitBytes = 4 * 1_024 * 1_024;

type KeptEvent = EventGroup['events'][number];

export interface UserEventsParts {
  readonly queue: BroadcastQueue;
  readonly emit: (output: SerfOutput) => void;
  /** Counts and reports a message that cannot be believed. */
  readonly refuse: (detail: string) => void;
}

/** The user events of the cluster: each is delivered once, and kept for those who join later (spec/03 §13). */
export class UserEvents {
  readonly clock = new LamportClock();
  readonly #sizeLimit: number;
  readonly #parts: UserEventsParts;
  /** Events of earlier times are none of this node's business: it joined later. */
  #minimum = 0;
  #delivered = 0;
  #tooOld = 0;
  readonly #ring = new LamportRing<KeptEvent>({
    slots: bufferSlots,
    slotWeightLimit: slotLimitBytes,
    weightLimit: bufferLimitBytes,
    weigh: (event) => sizeOf(event) + eventCostBytes,
    keyOf,
  });

  constructor(options: Pick<SerfOptions, 'userEventSizeLimit'>, parts: UserEventsParts) {
    this.#sizeLimit = options.userEventSizeLimit;
    this.#parts = parts;
  }

  /** Events delivered here, this node's own included. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Events that came too late for anybody to say whether they were news. */
  get tooOld(): number {
    return this.#tooOld;
  }

  /** Events of Lamport times below this one are dropped without a word. */
  ignoreBefore(ltime: number): void {
    if (this.clock.believes(ltime)) this.#minimum = Math.max(this.#minimum, ltime);
  }

  /** Sends an event of this node to everybody, itself included. */
  send(request: RequestId, event: Pick<UserEvent, 'name' | 'payload' | 'coalesce'>): void {
    const name = wellFormed(event.name);
    const payload = event.payload?.slice();
    const { coalesce } = event;
    const message = { type: 'userEvent', ltime: this.clock.time, name, payload, coalesce } as const;
    const error = rawSizeProblem(name, payload, this.#sizeLimit) ?? this.#spread(message);
    this.#parts.emit({ type: 'done', request, error });
  }

  /** Why the event is not sent, or `undefined`. */
  #spread(message: UserEventMessage): string | undefined {
    const { queue, emit } = this.#parts;
    const encoded = encodeSerfMessage(message);
    const error = encodedSizeProblem(encoded, this.#sizeLimit);
    if (error === undefined && this.take(message) && !queue.add(encoded)) {
      const { name } = message;
      const bytes = encoded.length;
      emit({ type: 'report', code: 'tooLongToSpread', kind: 'userEvent', name, bytes });
    }
    return error;
  }

  /** Takes an event from gossip and passes it on, byte for byte, when it is news. */
  receive(message: UserEventMessage, body: Uint8Array): void {
    const { emit, queue } = this.#parts;
    emit({ type: 'report', code: 'messageReceived', kind: 'userEvent', name: message.name });
    if (this.take(message)) queue.add(body.slice());
  }

  /** Takes an event, wherever it comes from, and delivers it when it is news; true means that it was. */
  take(event: Omit<UserEventMessage, 'type'>): boolean {
    const { ltime, name, payload, coalesce } = event;
    const { refuse, emit } = this.#parts;
    if (!this.clock.witness(ltime)) {
      refuse(`the Lamport time ${ltime} is out of range`);
      return false;
    }
    if (ltime < this.#minimum) return false;
    if (sizeOf(event) > userEventLimitBytes) {
      refuse(`a user event has ${sizeOf(event)} bytes, more than ${userEventLimitBytes}`);
      return false;
    }
    const verdict = this.#ring.add(ltime, { name, payload }, this.clock.time);
    if (verdict === 'full') refuse(`too many user events at the Lamport time ${ltime}`);
    if (verdict === 'old') {
      this.#tooOld += 1;
      const clockTime = this.clock.time;
      emit({ type: 'report', code: 'tooOld', kind: 'userEvent', name, ltime, clockTime });
    }
    if (verdict !== 'new') return false;
    this.#delivered += 1;
    emit({
      type: 'event',
      event: { type: 'user', ltime, name, payload, coalesce },
    });
    return true;
  }

  /**
   * What a push/pull carries: filled slots only, which every version takes, oldest first, so that a receiver
   * delivers them in the order of their Lamport times (spec/03 §16.1, §24, 21). Without those whose names came damaged:
   * under the name that they have here, they would be new events to Serf's members.
   */
  groups(): EventGroup[] {
    const groups: EventGroup[] = [];
    let bytes = 0;
    for (const { ltime, items } of this.#ring.filled().reverse()) {
      const events = items.filter(({ name }) => !name.includes('\ufffd'));
      bytes += events.reduce((sum, event) => sum + sizeOf(event) + eventCostBytes, 0);
      if (bytes > stateLimitBytes) break;
      if (events.length > 0) groups.push({ ltime, events });
    }
    return groups.reverse();
  }
}

function rawSizeProblem(
  name: string,
  payload: Uint8Array | undefined,
  limit: number,
): string | undefined {
  const bytes = utf8Length(name) + (payload?.length ?? 0);
  if (bytes > limit) {
    return `user event exceeds configured limit of ${limit} bytes before encoding`;
  }
  if (bytes > userEventLimitBytes) {
    return `user event exceeds sane limit of ${userEventLimitBytes} bytes before encoding`;
  }
  return undefined;
}

function encodedSizeProblem(encoded: Uint8Array, limit: number): string | undefined {
  if (encoded.length > limit) {
    return `encoded user event exceeds configured limit of ${limit} bytes after encoding`;
  }
  if (encoded.length > userEventLimitBytes) {
    return `encoded user event exceeds reasonable limit of ${userEventLimitBytes} bytes after encoding`;
  }
  return undefined;
}

/** Letters count for their bytes: exact for ASCII, a lower bound for the rest. */
function sizeOf(event: Pick<KeptEvent, 'name' | 'payload'>): number {
  return event.name.length + (event.payload?.length ?? 0);
}

/** Name and payload, a letter for each byte. An absent payload and an empty one are the same. */
function keyOf({ name, payload = nothing }: KeptEvent): string {
  let key = `${name.length} ${name}`;
  for (let start = 0; start < payload.length; start += 4_096) {
    // Spread instead, the bytes would go through an iterator one by one: ten times as slow.
    const letters = payload.subarray(start, start + 4_096);
    key += Reflect.apply(String.fromCharCode, undefined, letters);
  }
  return key;
}

const nothing = new Uint8Array();
