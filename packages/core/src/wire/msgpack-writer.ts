export type MsgpackDialect = 'gossip' | 'rpc';
export class MsgpackWriter {
  constructor(dialect: MsgpackDialect, initialBytes?: number) { void dialect; void initialBytes; throw new Error('being written'); }
  get length(): number { throw new Error('being written'); }
  reset(): void { throw new Error('being written'); }
  /** What was written, as a copy of its own; the writer is empty afterwards. */
  finish(): Uint8Array { throw new Error('being written'); }
  mapHeader(count: number): this { void count; throw new Error('being written'); }
  arrayHeader(count: number): this { void count; throw new Error('being written'); }
  key(name: string): this { void name; throw new Error('being written'); }
  text(value: string): this { void value; throw new Error('being written'); }
  bytes(value: Uint8Array | undefined): this { void value; throw new Error('being written'); }
  uint(value: number | bigint): this { void value; throw new Error('being written'); }
  int(value: number | bigint): this { void value; throw new Error('being written'); }
  bool(value: boolean): this { void value; throw new Error('being written'); }
  nil(): this { throw new Error('being written'); }
  float64(value: number): this { void value; throw new Error('being written'); }
  /** Bytes that are no msgpack, or already encoded: copied as they are. */
  raw(value: Uint8Array): this { void value; throw new Error('being written'); }
  byte(value: number): this { void value; throw new Error('being written'); }
}
