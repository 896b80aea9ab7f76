/** A member's tags. */
export type Tags = Readonly<Record<string, string>>;
