import { MsgpackReader } from '@tserf/core/msgpack';
import { struct, text, unsigned64, type ValueOf } from './codec.js';

/** Goes before every request. `seq` is the caller's number for it, any unsigned 64-bit integer (spec/05 §6). */
export const requestHeader = struct({ command: ['Command', text], seq: ['Seq', unsigned64] });
export type RequestHeader = ValueOf<typeof requestHeader>;

/** Goes before every reply and every pushed record. An empty `error` is none. */
export const responseHeader = struct({ seq: ['Seq', unsigned64], error: ['Error', text] });
export type ResponseHeader = ValueOf<typeof responseHeader>;

/**
 * Reads one object as a response header, if it is one: a map with exactly `Error` and `Seq`, which no body has
 * (spec/05 §4). Undefined for any other object. Raises DecodeError on fields of the wrong type.
 */
export function tryResponseHeader(object: Uint8Array): ResponseHeader | undefined {
  if (!hasHeaderKeys(new MsgpackReader(object))) return undefined;
  return responseHeader.read(new MsgpackReader(object));
}

function hasHeaderKeys(reader: MsgpackReader): boolean {
  if (reader.kind() !== 'map' || reader.mapHeader() !== 2) return false;
  const keys = [];
  for (let index = 0; index < 2; index++) {
    const kind = reader.kind();
    if (kind !== 'text' && kind !== 'bytes') return false;
    keys.push(reader.lossyText());
    reader.skip();
  }
  return keys.includes('Error') && keys.includes('Seq');
}
