import { MsgpackReader } from '../../src/wire/msgpack-reader.js';
import { MsgpackWriter } from '../../src/wire/msgpack-writer.js';

/*
 * 0.9.4 writes signed fields in unsigned widths, the newest in signed ones (spec/01 §2.1). This rewrites exactly those
 * numbers and leaves every other byte as it is.
 */

const signedFields = new Set(['Timeout', 'UserStateLen', 'Nodes', 'State', 'Status']);

/** A gossip message of 0.9.4 as the newest would write it. */
export function inNewestForm(part: Uint8Array): Uint8Array {
  const out = new MsgpackWriter('gossip');
  let at = 1;
  out.raw(part.subarray(0, 1));
  if (part[0] === 8) {
    out.raw(part.subarray(1, 2));
    at = 2;
  }
  const reader = new MsgpackReader(part, at);
  copyValue(reader, part, out, []);
  const rest = reader.rest();
  // What a relay forwards is a message of its own.
  if (rest.length > 0) out.raw(inNewestForm(Uint8Array.of(8, ...rest)).subarray(1));
  return out.finish();
}

/** The bytes of a push/pull: header, nodes, user state. */
export function pushPullInNewestForm(message: Uint8Array): Uint8Array {
  const out = new MsgpackWriter('gossip').raw(message.subarray(0, 1));
  const reader = new MsgpackReader(message, 1);
  const header = copyValue(reader, message, out, []);
  for (let left = header.get('Nodes') ?? 0; left > 0; left -= 1)
    copyValue(reader, message, out, []);
  return out.raw(reader.rest()).finish();
}

/** Whether a message's fields stand in the order in which every Serf writes them. */
export function hasSortedKeys(part: Uint8Array): boolean {
  const reader = new MsgpackReader(part, part[0] === 8 ? 2 : 1);
  const keys: string[] = [];
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    keys.push(reader.key());
    reader.skip();
  }
  return keys.every((key, index) => index === 0 || (keys[index - 1] ?? '') < key);
}

function copyValue(
  reader: MsgpackReader,
  source: Uint8Array,
  out: MsgpackWriter,
  path: string[],
): Map<string, number> {
  const numbers = new Map<string, number>();
  const start = reader.offset;
  const count = reader.mapHeader();
  out.raw(source.subarray(start, reader.offset));
  for (let entry = 0; entry < count; entry += 1) {
    const keyAt = reader.offset;
    const key = reader.key();
    out.raw(source.subarray(keyAt, reader.offset));
    const valueAt = reader.offset;
    if (reader.kind() === 'int') {
      const value = Number(reader.integer());
      numbers.set(key, value);
      const isSigned = signedFields.has(key) || (key === 'Port' && path[0] === 'DestAddr');
      if (isSigned) out.int(value);
      else out.raw(source.subarray(valueAt, reader.offset));
    } else if (reader.kind() === 'map' && key === 'DestAddr') {
      copyValue(reader, source, out, [key]);
    } else {
      reader.skip();
      out.raw(source.subarray(valueAt, reader.offset));
    }
  }
  return numbers;
}
