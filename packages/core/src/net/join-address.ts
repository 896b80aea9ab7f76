import { AddressError, splitHostPort } from './host-port.js';

/** One entry of a join list, read: `[name/]host[:port]` (spec/02 §18). */
export interface JoinAddress {
  /** The name that the member is expected to have; empty when none was given. */
  readonly node: string;
  /** An IP literal or a name yet to be resolved; may be empty, which no lookup finds. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads one entry of a join list. A missing port is this node's own bind port, which is what a cluster shares. Throws an
 * AddressError in Serf's words.
 */
export function parseJoinAddress(text: string, defaultPort: number): JoinAddress {
  const slash = text.indexOf('/');
  if (slash === 0) throw new AddressError('empty node name provided');
  const node = slash < 0 ? '' : text.slice(0, slash);
  const { host, port } = splitHostPort(withPort(text.slice(slash + 1), defaultPort));
  return { node, host, port: parsePort(port) };
}

/** A bare IPv6 address has colons but no port: the rule counts colons, and looks behind the bracket where one stands. */
function withPort(text: string, defaultPort: number): string {
  if (hasPort(text)) return text;
  const bare = text.replace(/^[[\]]+|[[\]]+$/g, '');
  return bare.includes(':') ? `[${bare}]:${defaultPort}` : `${bare}:${defaultPort}`;
}

function hasPort(text: string): boolean {
  if (text.lastIndexOf('[') === 0) return text.lastIndexOf(':') > text.lastIndexOf(']');
  return text.split(':').length === 2;
}

function parsePort(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new AddressError(`strconv.ParseUint: parsing "${text}": invalid syntax`);
  }
  const port = Number(text);
  if (port > 65_535) {
    throw new AddressError(`strconv.ParseUint: parsing "${text}": value out of range`);
  }
  return port;
}
