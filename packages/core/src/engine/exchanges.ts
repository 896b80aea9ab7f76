import { ConnectionError } from '../net/connection.js';
import type { TransportInput } from '../serf/input.js';
import type { ExchangeId } from '../swim/input.js';
import { DecodeError } from '../wire/decode-error.js';
import type { PushPullState } from '../wire/messages.js';
import type { PacketSeal } from '../wire/packet.js';
import { encodePushPull } from '../wire/push-pull.js';
import { sealStream } from '../wire/stream.js';

/** An exchange of states that did not come to its end; the message goes behind `failed to join …: `. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
}

/** Whether the other side, or the way to it, is at fault. Anything else is a fault of ours. */
export function isStreamFailure(
  error: unknown,
): error is ConnectionError | ExchangeError | DecodeError {
  return (
    error instanceof ConnectionError ||
    error instanceof ExchangeError ||
    error instanceof DecodeError
  );
}

/** What the core said about one exchange while it handled its inputs. */
export interface Exchange {
  state: PushPullState | undefined;
  refusal: string | undefined;
}

/** The push/pulls under way: ties what the core says of one to the stream that carries it. */
export class Exchanges {
  readonly #feed: (input: TransportInput) => void;
  readonly #open = new Map<ExchangeId, Exchange>();
  #last: ExchangeId = 0;

  /** When `feed` returns, all outputs of the core are carried out. */
  constructor(feed: (input: TransportInput) => void) {
    this.#feed = feed;
  }

  /** Our state for an exchange: the request on a dialled stream, the answer on an accepted one. */
  stateFor(id: ExchangeId, state: PushPullState): void {
    const exchange = this.#open.get(id);
    if (exchange !== undefined) exchange.state = state;
  }

  merged(id: ExchangeId, refusal: string | undefined): void {
    const exchange = this.#open.get(id);
    if (exchange !== undefined) exchange.refusal = refusal;
  }

  open(): ExchangeId {
    this.#last += 1;
    this.#open.set(this.#last, { state: undefined, refusal: undefined });
    return this.#last;
  }

  close(id: ExchangeId): void {
    this.#open.delete(id);
  }

  /** What the core says about an exchange, it says while it handles this input. */
  feed(id: ExchangeId, input: TransportInput): Exchange {
    this.#feed(input);
    const exchange = this.#open.get(id);
    if (exchange === undefined) throw new Error(`exchange ${id} ended while it was fed`);
    return exchange;
  }
}

/**
 * A larger message is sent as it is, which every receiver takes: packing the list of ten thousand members would hold up
 * probes for a tenth of a second.
 */
const compressedLimitBytes = 128 * 1024;

/** A whole message, type byte first, of whatever size. Raises RangeError when Serf would refuse it. */
export function sealLarge(
  message: Uint8Array,
  seal: PacketSeal,
  direction: 'dialled' | 'accepted',
): Uint8Array {
  const isLarge = message.length > compressedLimitBytes;
  return sealStream(message, isLarge ? { ...seal, compression: false } : seal, direction);
}

/** Throws an ExchangeError for a list beyond what Serf takes; no other node could hold such a list either. */
export function sealState(
  state: PushPullState,
  seal: PacketSeal,
  direction: 'dialled' | 'accepted',
): Uint8Array {
  try {
    return sealLarge(encodePushPull(state), seal, direction);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ExchangeError(`this node's state cannot be sent: ${cause.message}`, { cause });
  }
}
