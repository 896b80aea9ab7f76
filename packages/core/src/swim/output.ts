import type { Endpoint } from '../wire/endpoint.js';
import type { Ping, PushPullNode, PushPullState } from '../wire/messages.js';
import type { ExchangeId, Token } from './input.js';
import type { Member } from './member.js';
import type { SwimTimer } from './timer.js';

/** What the shell must do for the membership engine. */
export type SwimEffect =
  /**
   * Send one datagram. One part goes bare, several as a compound; `checksum` says whether the receiver understands the
   * CRC wrapper. Compound, compression, checksum, encryption and label are put on by the shell.
   */
  | {
      readonly type: 'packet';
      readonly to: Endpoint;
      readonly parts: readonly Uint8Array[];
      readonly checksum: boolean;
      /** Set on a probe's own packet: a remote send failure comes back as `sendFailed` with this number. */
      readonly probe: number | undefined;
    }
  | { readonly type: 'schedule'; readonly timer: SwimTimer; readonly atMs: number }
  /** Send this very ping over a stream and report within the deadline (spec/01 §10.3). */
  | {
      readonly type: 'streamProbe';
      readonly to: Endpoint;
      readonly ping: Ping;
      readonly deadlineMs: number;
    }
  /** Dial `to` for a push/pull; then feed `pushPullReady`. */
  | {
      readonly type: 'pushPull';
      readonly to: Endpoint;
      readonly node: string;
      readonly join: boolean;
    }
  /** Our state for a stream: the request on a dialled one, the answer on an accepted one. */
  | { readonly type: 'pushPullSend'; readonly exchange: ExchangeId; readonly state: PushPullState }
  /** A push/pull was merged, or refused with a reason for people. */
  | {
      readonly type: 'pushPullMerged';
      readonly exchange: ExchangeId;
      readonly refusal: string | undefined;
    };

/** What the layer above is told, in order, before the next input. */
export type SwimNotice =
  | { readonly type: 'joined'; readonly member: Member }
  /** `member.state` says whether it died or left. */
  | { readonly type: 'departed'; readonly member: Member }
  | { readonly type: 'updated'; readonly member: Member }
  /** Two nodes claim one name. */
  | { readonly type: 'conflict'; readonly existing: Member; readonly other: Conflicting }
  | { readonly type: 'userMessage'; readonly body: Uint8Array; readonly from: Endpoint }
  | {
      readonly type: 'userState';
      readonly state: Uint8Array;
      readonly join: boolean;
      readonly exchange: ExchangeId;
    }
  /** A direct ack in time: the round trip, and what the ack carried. */
  | {
      readonly type: 'pingComplete';
      readonly member: Member;
      readonly rttMs: number;
      readonly payload: Uint8Array | undefined;
    }
  /** How the wait of `updateMeta` or `leave` ended. `alone`: nobody else to tell. */
  | {
      readonly type: 'broadcastFinished';
      readonly token: Token;
      readonly outcome: 'sent' | 'replaced' | 'pruned' | 'timeout' | 'alone';
    }
  /** `rttMs` is absent when nobody answered. */
  | { readonly type: 'pingResult'; readonly token: Token; readonly rttMs: number | undefined };

/** The rival in a name conflict: all that its message said. */
export type Conflicting = Pick<PushPullNode, 'name' | 'address' | 'port' | 'meta'>;

/** Worth a line in a log: a code and its values; the text is made outside. */
export type SwimReport =
  | {
      readonly type: 'report';
      readonly code: 'suspecting';
      readonly node: string;
      readonly reason: string;
    }
  | {
      readonly type: 'report';
      readonly code: 'markedDead';
      readonly node: string;
      readonly confirmations: number;
    }
  | {
      readonly type: 'report';
      readonly code: 'refuting';
      readonly accusation: 'suspect' | 'dead' | 'alive';
      readonly from: string;
    }
  | {
      readonly type: 'report';
      readonly code: 'conflict';
      readonly node: string;
      readonly existing: string;
      readonly other: string;
      readonly state: string;
    }
  | { readonly type: 'report'; readonly code: 'streamProbeOnly'; readonly node: string }
  | {
      readonly type: 'report';
      readonly code: 'wrongPing';
      readonly wanted: string;
      readonly from: string;
    }
  /** A message was refused whole: `reason` is a fixed word of the counters. */
  | {
      readonly type: 'report';
      readonly code: 'refused';
      readonly reason: string;
      readonly detail: string;
    }
  | { readonly type: 'report'; readonly code: 'mergeRefused'; readonly reason: string }
  | { readonly type: 'report'; readonly code: 'publicWithoutEncryption' }
  /** Timers came late by this much: this thread stood still. */
  | { readonly type: 'report'; readonly code: 'stalled'; readonly lateMs: number }
  /** Two members advertise one address. */
  | {
      readonly type: 'report';
      readonly code: 'sharedAddress';
      readonly first: string;
      readonly second: string;
      readonly address: string;
    };

export type SwimOutput = SwimEffect | SwimNotice | SwimReport;
