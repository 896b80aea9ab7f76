import { MsgpackReader, MsgpackWriter } from '@tserf/core/msgpack';

/** What a request is made of. Numbers are whole; objects keep the order of their keys. */
export type WireValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly WireValue[]
  | { readonly [key: string]: WireValue };

export function encodeWire(value: WireValue): Uint8Array {
  const writer = new MsgpackWriter('rpc');
  write(writer, value);
  return writer.finish();
}

function write(writer: MsgpackWriter, value: WireValue): void {
  if (value === null) writer.nil();
  else if (typeof value === 'boolean') writer.bool(value);
  else if (typeof value === 'string') writer.text(value);
  else if (typeof value === 'number' && value < 0) writer.int(value);
  else if (typeof value === 'number' || typeof value === 'bigint') writer.uint(value);
  else if (value instanceof Uint8Array) writer.bytes(value);
  else if (isList(value)) {
    writer.arrayHeader(value.length);
    for (const element of value) write(writer, element);
  } else {
    const entries = Object.entries(value);
    writer.mapHeader(entries.length);
    for (const [key, element] of entries) write(writer.key(key), element);
  }
}

/** The compiler's own check of arrays does not see read-only ones. */
function isList(value: object): value is readonly WireValue[] {
  return Array.isArray(value);
}

/**
 * One object as it was on the wire, for people and for `toEqual`: nothing that a decoder could tell apart is lost but
 * the order of a map's entries. Text is text; everything else that is no single byte shows its first byte or its kind.
 */
export function showWire(object: Uint8Array): unknown {
  return show(new MsgpackReader(object), object);
}

function show(reader: MsgpackReader, bytes: Uint8Array): unknown {
  const head = bytes[bytes.length - reader.remaining] ?? 0;
  switch (reader.kind()) {
    case 'nil':
      reader.tryNil();
      return null;
    case 'bool':
      return reader.bool();
    case 'int': {
      const value = reader.integer();
      return head < 0x80 || head >= 0xe0 ? value : `${head.toString(16)} ${value}`;
    }
    case 'text':
      return reader.lossyText();
    case 'bytes':
      return `${head.toString(16)} ${Buffer.from(reader.bytes() ?? []).toString('hex')}`;
    case 'float':
      return `${head.toString(16)} ${reader.float()}`;
    case 'array':
      return Array.from({ length: reader.arrayHeader() }, () => show(reader, bytes));
    case 'map': {
      const entries: [string, unknown][] = [];
      for (let left = reader.mapHeader(); left > 0; left -= 1) {
        const key = reader.key();
        entries.push([key, show(reader, bytes)]);
      }
      return Object.fromEntries(entries);
    }
    default:
      throw new Error(`an extension at ${head.toString(16)}`);
  }
}
