/** Why a message, or something asked for, was not taken. Fixed words: they name counters. */
export type RefusalReason =
  /** Name empty, too long, or not fit to be shown (spec/02 M25). */
  | 'name'
  /** Address neither 4 nor 16 bytes, or unspecified. */
  | 'address'
  | 'port'
  /** Versions absent or a range without a number in it. */
  | 'versions'
  | 'meta'
  /** 0, which nobody announces, or 2^32 - 1, above which nobody can refute. */
  | 'incarnation'
  /** Outside of the allowed networks. */
  | 'network'
  | 'memberLimit'
  /** The layer above said no to one member. */
  | 'veto'
  /** Too many pings are under way for others. */
  | 'relayLimit'
  /** Too many pings on demand are under way. */
  | 'pingLimit'
  /** A ping for somebody else. */
  | 'wrongPing'
  /** A message that a stream can't carry. */
  | 'streamMessage'
  /** What no packet has room for. */
  | 'tooLong';

/** One count per reason that occurred. */
export class RefusalCounts {
  readonly #counts = new Map<RefusalReason, number>();

  count(reason: RefusalReason): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  toRecord(): Readonly<Partial<Record<RefusalReason, number>>> {
    return Object.fromEntries(this.#counts);
  }
}
