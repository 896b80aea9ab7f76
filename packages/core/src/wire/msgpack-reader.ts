export type MsgpackKind = 'nil' | 'bool' | 'int' | 'float' | 'text' | 'bytes' | 'array' | 'map' | 'extension';
export class MsgpackReader {
  constructor(bytes: Uint8Array, offset?: number) { void bytes; void offset; throw new Error('being written'); }
  get offset(): number { throw new Error('being written'); }
  get remaining(): number { throw new Error('being written'); }
  /** The kind of the next value, which stays unread. */
  kind(): MsgpackKind { throw new Error('being written'); }
  /** Reads a nil if one is next. */
  tryNil(): boolean { throw new Error('being written'); }
  /** Number of entries; nil counts as none. An array raises ARRAY_BODY. */
  mapHeader(): number { throw new Error('being written'); }
  /** Number of elements; nil counts as none. */
  arrayHeader(): number { throw new Error('being written'); }
  /** Raw, str or bin as text; nil is ''. Invalid UTF-8 raises BAD_TEXT. */
  text(): string { throw new Error('being written'); }
  /** As `text`, with U+FFFD for what is not UTF-8. */
  lossyText(): string { throw new Error('being written'); }
  /** As `text`, but nil is no key. */
  key(): string { throw new Error('being written'); }
  /** A view, not a copy; nil is undefined. Takes raw, str, bin, or an array of small integers. */
  bytes(): Uint8Array | undefined { throw new Error('being written'); }
  uint(max: number): number { void max; throw new Error('being written'); }
  bigUint(): bigint { throw new Error('being written'); }
  int(): number { throw new Error('being written'); }
  bool(): boolean { throw new Error('being written'); }
  float(): number { throw new Error('being written'); }
  /** Reads one value of any kind and forgets it. */
  skip(): void { throw new Error('being written'); }
  /** All bytes not read yet, as a view. */
  rest(): Uint8Array { throw new Error('being written'); }
}
