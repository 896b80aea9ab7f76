import type { SerfEvent } from '../serf/event.js';
import type { SerfMember } from '../serf/member.js';
import type { EngineNotice } from './protocol.js';

/**
 * What crosses the thread boundary. Bytes may be a window on the datagram that they came in, and a clone would take the
 * whole datagram along; times are of a clock that the other thread does not have.
 */

export interface Clocks {
  nowMs(): number;
  wallClockMs(): number;
}

export function eventNotice(
  event: SerfEvent,
  clocks: Clocks,
): Extract<EngineNotice, { type: 'event' }>['event'] {
  switch (event.type) {
    case 'user':
      return { ...event, payload: event.payload && ownBytes(event.payload) };
    case 'query': {
      const { deadlineMs, ...rest } = event;
      return {
        ...rest,
        payload: event.payload && ownBytes(event.payload),
        deadline: toWallClock(deadlineMs, clocks),
      };
    }
    default:
      return { type: event.type, members: event.members.map(forTheOtherThread) };
  }
}

export function forTheOtherThread(member: SerfMember): SerfMember {
  const address = ownBytes(member.address);
  return address === member.address ? member : { ...member, address };
}

/** A moment of the engine's clock, in milliseconds of the wall clock. */
export function toWallClock(atMs: number, clocks: Clocks): number {
  return Math.round(clocks.wallClockMs() + (atMs - clocks.nowMs()));
}

/** The bytes in a buffer that holds nothing else. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength === bytes.length ? bytes : new Uint8Array(bytes);
}
