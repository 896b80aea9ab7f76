import { DecodeError } from './decode-error.js';
import { MsgpackReader } from './msgpack-reader.js';
import { MsgpackWriter } from './msgpack-writer.js';
import { decodeUtf8 } from './text-decoder.js';

/** A member's tags. */
export type Tags = Readonly<Record<string, string>>;

/** The most that a member's metadata may take, magic byte included. */
export const metaLimitBytes = 512;

/** Begins metadata that holds tags; without it all of it is the role, as old agents had it. */
const magic = 0xff;
const encoder = new TextEncoder();
const writer = new MsgpackWriter('gossip');

/**
 * Tags as metadata (spec/03 §5). The same tags give the same bytes whatever their order, as peers take other bytes for
 * an update. Below Serf protocol 3 only the role travels. The length is for the caller to check.
 */
export function encodeTags(tags: Tags, protocol: number): Uint8Array {
  if (protocol < 3) return encoder.encode(tags['role'] ?? '');
  writer.reset();
  writer.byte(magic);
  encodeTagMap(writer, tags);
  return writer.finish();
}

/** The tags that metadata holds. What is damaged is left out: a peer's tags never make it unreadable. */
export function decodeTags(meta: Uint8Array): Tags {
  if (meta[0] !== magic) return tagsOf([['role', decodeUtf8(meta, 0, meta.length, true)]]);
  const entries: [string, string][] = [];
  try {
    const reader = new MsgpackReader(meta, 1);
    const count = reader.mapHeader();
    for (let index = 0; index < count; index += 1)
      entries.push([readKey(reader), reader.lossyText()]);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return tagsOf(entries);
}

/** Tags as a map, for where they stand inside a message. */
export function encodeTagMap(target: MsgpackWriter, tags: Tags): void {
  const keys = Object.keys(tags).sort(byCodePoint);
  target.mapHeader(keys.length);
  for (const key of keys) target.text(key).text(tags[key] ?? '');
}

/** The counterpart of `encodeTagMap`; unlike `decodeTags` it raises DecodeError. */
export function decodeTagMap(reader: MsgpackReader): Tags {
  const entries: [string, string][] = [];
  const count = reader.mapHeader();
  for (let index = 0; index < count; index += 1)
    entries.push([readKey(reader), reader.lossyText()]);
  return tagsOf(entries);
}

function readKey(reader: MsgpackReader): string {
  if (reader.kind() === 'nil') return reader.key();
  return reader.lossyText();
}

/** Without a prototype, so that a tag may have any name and a missing one is missing. */
function tagsOf(entries: readonly (readonly [string, string])[]): Tags {
  const tags: Record<string, string> = Object.create(null);
  for (const [key, value] of entries) tags[key] = value;
  return tags;
}

/** The order of UTF-8 bytes, in which Go sorts; that of UTF-16 units differs beyond the BMP. */
export function byCodePoint(a: string, b: string): number {
  const bytesOfA = encoder.encode(a);
  const bytesOfB = encoder.encode(b);
  const shorter = Math.min(bytesOfA.length, bytesOfB.length);
  for (let index = 0; index < shorter; index += 1) {
    const difference = (bytesOfA[index] as number) - (bytesOfB[index] as number);
    if (difference !== 0) return difference;
  }
  return bytesOfA.length - bytesOfB.length;
}
