export interface HostPort {
  /** Without brackets; empty means "this machine" to dial, "every address" to listen. */
  readonly host: string;
  readonly port: number;
}

/** An address that is no `host:port`. The message is Go's, to go behind `dial tcp: ` or `listen tcp: `. */
export class HostPortError extends Error {
  override readonly name = 'HostPortError';
}

/** Reads `host:port` or `[host]:port` by Go's rules (spec/06 §1.4). Raises HostPortError. */
export function parseHostPort(address: string): HostPort {
  const { host, portText } = split(address);
  if (/^[+-]?\d*$/.test(portText)) {
    const port = Number(portText === '' ? 0 : portText);
    if (port >= 0 && port <= 65_535) return { host, port };
    throw new HostPortError(`address ${portText}: invalid port`);
  }
  throw new HostPortError(`lookup tcp/${portText}: unknown port`);
}

/** Writes what `parseHostPort` reads. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function split(address: string): { host: string; portText: string } {
  const fail = (why: string) => new HostPortError(`address ${address}: ${why}`);
  const lastColon = address.lastIndexOf(':');
  if (lastColon < 0) throw fail('missing port in address');

  const bracketed = address.startsWith('[');
  const hostEnd = bracketed ? address.indexOf(']') : lastColon;
  if (hostEnd < 0) throw fail("missing ']' in address");
  const colon = bracketed ? hostEnd + 1 : hostEnd;
  if (address[colon] !== ':') throw fail('missing port in address');
  const host = address.slice(bracketed ? 1 : 0, hostEnd);
  if (colon !== lastColon || (!bracketed && host.includes(':'))) {
    throw fail('too many colons in address');
  }

  const portText = address.slice(lastColon + 1);
  const rest = host + portText;
  if (rest.includes('[')) throw fail("unexpected '[' in address");
  if (rest.includes(']')) throw fail("unexpected ']' in address");
  return { host, portText };
}
