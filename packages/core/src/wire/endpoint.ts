/**
 * Where packets and streams go: `host` is an IP address as text in its canonical form (IPv4-mapped IPv6 is written as
 * plain IPv4), so two endpoints are the same exactly when both fields are equal.
 */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where `address` and `port` lead; undefined when the address has neither 4 nor 16 bytes. */
export function endpointOf(address: Uint8Array, port: number): Endpoint | undefined {
  if (address.length !== 4 && address.length !== 16) return undefined;
  return { host: addressText(address), port };
}

/** `127.0.0.1:7946`, `[::1]:7946`. */
export function formatEndpoint(endpoint: Endpoint): string {
  const { host, port } = endpoint;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The reverse of `formatEndpoint`; `undefined` for anything that is not an IP address with a port from 1 up. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  if (host === undefined || !(port >= 1 && port <= 65_535)) return undefined;
  try {
    return endpointOf(addressBytes(host, 'short'), port);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

/**
 * An address as canonical text (RFC 5952; IPv4-mapped as plain IPv4). Bytes of any other length than 4 and 16 give
 * their hex digits, which is for people only.
 */
export function addressText(address: Uint8Array): string {
  if (address.length === 4) return dotted(address, 0);
  if (address.length !== 16) return hex(address);
  return isMapped(address) ? dotted(address, 12) : ipv6Text(address);
}

/**
 * The bytes of an address given as text; a zone is left out, as none travels. `mapped` gives an IPv4 address the
 * 16-byte form that an agent bound to 0.0.0.0 announces itself by (spec/01 §3). Raises RangeError when `host` is no
 * address.
 */
export function addressBytes(host: string, form: 'short' | 'mapped'): Uint8Array {
  const ipv4 = parseIpv4(host);
  if (ipv4 !== undefined) return form === 'short' ? ipv4 : mapped(ipv4);
  const ipv6 = parseIpv6(host.split('%', 1)[0] ?? '');
  if (ipv6 === undefined) throw new RangeError(`${JSON.stringify(host)} is not an IP address`);
  return form === 'short' && isMapped(ipv6) ? ipv6.slice(12) : ipv6;
}

/** Whether two addresses are one, whichever form each is in. */
export function sameAddress(a: Uint8Array, b: Uint8Array): boolean {
  const fromA = a.length === 16 && isMapped(a) ? 12 : 0;
  const fromB = b.length === 16 && isMapped(b) ? 12 : 0;
  const length = a.length - fromA;
  if (b.length - fromB !== length) return false;
  for (let index = 0; index < length; index += 1) {
    if (a[fromA + index] !== b[fromB + index]) return false;
  }
  return true;
}

/** Whether an address is 0.0.0.0 or ::, which leads nowhere. */
export function isUnspecified(address: Uint8Array): boolean {
  for (let index = isMapped(address) ? 12 : 0; index < address.length; index += 1) {
    if (address[index] !== 0) return false;
  }
  return true;
}

/** Whether an address has the form ::ffff:a.b.c.d. */
function isMapped(address: Uint8Array): boolean {
  if (address.length !== 16 || address[10] !== 0xff || address[11] !== 0xff) return false;
  for (let index = 0; index < 10; index += 1) {
    if (address[index] !== 0) return false;
  }
  return true;
}

function mapped(ipv4: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.fill(0xff, 10, 12);
  bytes.set(ipv4, 12);
  return bytes;
}

function dotted(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function ipv6Text(address: Uint8Array): string {
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) {
    groups.push(((address[at] as number) << 8) | (address[at + 1] as number));
  }
  const gap = longestZeroRun(groups);
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (gap.length < 2) return text(0, 8);
  return `${text(0, gap.start)}::${text(gap.start + gap.length, 8)}`;
}

/** The first of the longest runs of zeros: the one that `::` replaces. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index < groups.length; index += 1) {
    if (groups[index] !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part)))
    return undefined;
  const values = parts.map(Number);
  return values.every((value) => value <= 255) ? Uint8Array.from(values) : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

/** The bytes of groups joined by colons; the very last may be a dotted IPv4 address. */
function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    const ipv4 = last && index === groups.length - 1 ? parseIpv4(group) : undefined;
    if (ipv4 !== undefined) bytes.push(...ipv4);
    else if (/^[\da-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}
