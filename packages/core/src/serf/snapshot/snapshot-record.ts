import { type Coordinate, coordinateProblem, dimensions } from '../../coordinates/coordinate.js';
import { formatEndpoint, parseEndpoint } from '../../wire/endpoint.js';
import { farthestLamportTime } from '../lamport-clock.js';
import type { KnownPeer } from './restored-state.js';

export type ClockName = 'clock' | 'event-clock' | 'query-clock';

/** What one line of a snapshot says (spec/03 §19.1). */
export type SnapshotRecord =
  | { readonly type: 'alive'; readonly peer: KnownPeer }
  | { readonly type: 'not-alive'; readonly name: string }
  | { readonly type: ClockName; readonly time: number }
  | { readonly type: 'leave' }
  /** Ours, and a comment for Serf: the peer failed, and is not forgotten. */
  | { readonly type: 'failed'; readonly peer: KnownPeer }
  /** Ours, and a comment for Serf: where this node is. */
  | { readonly type: 'coordinate'; readonly coordinate: Coordinate };

const failedPrefix = '# failed: ';
const coordinatePrefix = '# coordinate: ';

/**
 * The line of a record, its end included; `undefined` for a name that a line cannot hold. Nothing in the format escapes a
 * line feed: a member of such a name could write whatever lines it likes.
 */
export function encodeSnapshotRecord(record: SnapshotRecord): string | undefined {
  const line = lineOf(record);
  return line.includes('\n') ? undefined : `${line}\n`;
}

function lineOf(record: SnapshotRecord): string {
  switch (record.type) {
    case 'alive':
      return `alive: ${peerText(record.peer)}`;
    case 'not-alive':
      return `not-alive: ${record.name}`;
    case 'clock':
    case 'event-clock':
    case 'query-clock':
      return `${record.type}: ${record.time}`;
    case 'leave':
      return 'leave';
    case 'failed':
      return failedPrefix + peerText(record.peer);
    case 'coordinate':
      return coordinatePrefix + JSON.stringify(record.coordinate);
    default:
      return record satisfies never;
  }
}

function peerText({ name, endpoint }: KnownPeer): string {
  return `${name} ${formatEndpoint(endpoint)}`;
}

/** A line that says nothing to us, on purpose or because it cannot be read. */
export type NoRecord = 'comment' | 'unknown';

/** Reads one line, without its end. */
export function decodeSnapshotLine(line: string): SnapshotRecord | NoRecord {
  if (line.startsWith('#')) return decodeComment(line);
  if (line === 'leave') return { type: 'leave' };
  const end = line.indexOf(': ');
  const value = line.slice(end + 2);
  switch (end < 0 ? '' : line.slice(0, end)) {
    case 'alive':
      return decodePeer('alive', value);
    case 'not-alive':
      return { type: 'not-alive', name: value };
    case 'clock':
      return decodeClock('clock', value);
    case 'event-clock':
      return decodeClock('event-clock', value);
    case 'query-clock':
      return decodeClock('query-clock', value);
    // Written by old versions of Serf, and read by none of today's.
    case 'coordinate':
      return 'comment';
    default:
      return 'unknown';
  }
}

/** Comments of others, and those of ours that came to harm, are passed over like any comment. */
function decodeComment(line: string): SnapshotRecord | 'comment' {
  if (line.startsWith(failedPrefix)) {
    const record = decodePeer('failed', line.slice(failedPrefix.length));
    return record === 'unknown' ? 'comment' : record;
  }
  if (!line.startsWith(coordinatePrefix)) return 'comment';
  const coordinate = parseCoordinate(line.slice(coordinatePrefix.length));
  return coordinate === undefined ? 'comment' : { type: 'coordinate', coordinate };
}

/** A name may hold spaces: the address is what stands behind the last one. */
function decodePeer(type: 'alive' | 'failed', text: string): SnapshotRecord | 'unknown' {
  const space = text.lastIndexOf(' ');
  const name = text.slice(0, Math.max(space, 0));
  const endpoint = parseEndpoint(text.slice(space + 1));
  if (name === '' || endpoint === undefined) return 'unknown';
  return { type, peer: { name, endpoint } };
}

/** A time that Serf let wrap, such as 2^64 − 1, would silence this node for good: it is not taken (spec/03 §24, 1). */
function decodeClock(type: ClockName, text: string): SnapshotRecord | 'unknown' {
  const time = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return time <= farthestLamportTime ? { type, time } : 'unknown';
}

function parseCoordinate(json: string): Coordinate | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!isCoordinate(value) || coordinateProblem(value, dimensions) !== undefined) return undefined;
  const { vec, error, adjustment, height } = value;
  return { vec, error, adjustment, height };
}

function isCoordinate(value: unknown): value is Coordinate {
  if (typeof value !== 'object' || value === null) return false;
  const { vec, error, adjustment, height } = value as Record<string, unknown>;
  return (
    Array.isArray(vec) &&
    [...vec, error, adjustment, height].every((number) => typeof number === 'number')
  );
}
