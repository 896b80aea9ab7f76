import type { Endpoint } from '../wire/endpoint.js';
import type { GossipMessage, PushPullState } from '../wire/messages.js';
import type { SwimTimer } from './timer.js';

/** Names one stream that carries a push/pull; given by the shell, echoed in what concerns that stream. */
export type ExchangeId = number;

/** Names one wait of the layer above; given by it, echoed in `broadcastFinished` and `pingResult`. */
export type Token = number;

/** What can happen to the membership engine. Feed each with the monotonic time at which it happened. */
export type SwimInput =
  /** Registers this node as alive and starts the loops. First input, once. */
  | { readonly type: 'start' }
  /** One message of a packet or stream that was read, and whom it came from. */
  | {
      readonly type: 'message';
      readonly message: GossipMessage;
      readonly from: Endpoint;
      readonly via: 'packet' | 'stream';
    }
  /** A `schedule` fell due. */
  | { readonly type: 'timer'; readonly timer: SwimTimer }
  /** A probe's packet could not be sent for a reason that lies with the remote side (spec/02 §11.3). */
  | { readonly type: 'sendFailed'; readonly sequence: number }
  /** How a `streamProbe` ended; none by its deadline means no contact. */
  | { readonly type: 'streamProbeResult'; readonly sequence: number; readonly contact: boolean }
  /** A dialled push/pull stream stands and wants our state. */
  | { readonly type: 'pushPullReady'; readonly exchange: ExchangeId; readonly join: boolean }
  /** The answer on a dialled push/pull stream. */
  | {
      readonly type: 'pushPullAnswer';
      readonly exchange: ExchangeId;
      readonly join: boolean;
      readonly state: PushPullState;
    }
  /** Somebody's push/pull request on an accepted stream: answered before it is merged. */
  | {
      readonly type: 'pushPullRequest';
      readonly exchange: ExchangeId;
      readonly state: PushPullState;
      readonly from: Endpoint;
    }
  /** The metadata of this node changed: announce it. */
  | { readonly type: 'updateMeta'; readonly token: Token; readonly timeoutMs: number }
  /** Tell the others that we go. */
  | { readonly type: 'leave'; readonly token: Token; readonly timeoutMs: number }
  /** Measure one round trip, on demand (spec/02 §11.6). `stream`: without an ack in time, try over a stream too. */
  | {
      readonly type: 'ping';
      readonly token: Token;
      readonly node: string;
      readonly to: Endpoint;
      readonly stream?: boolean;
    }
  /** One user message straight to a node, best effort, without piggyback. */
  | {
      readonly type: 'sendUser';
      readonly to: Endpoint;
      readonly node: string;
      readonly body: Uint8Array;
    }
  /** The keyring or label changed what each packet carries on top. */
  | { readonly type: 'packetOverhead'; readonly bytes: number };
