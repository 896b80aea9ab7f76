import { joinHostPort } from '@tserf/core/host-port';

/**
 * An address as Go writes it: dotted quad for 4 bytes and for IPv4 in 16, RFC 5952 for IPv6, nothing for no bytes,
 * and `?` with the bytes in hexadecimal for any other length.
 */
function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16)
    return `?${Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')}`;
  if (isMappedIpv4(bytes)) return bytes.subarray(12).join('.');
  return formatIpv6(bytes);
}

/** Address and port as one; IPv6 in brackets. */
export function formatHostPort(bytes: Uint8Array, port: number): string {
  return joinHostPort(formatAddress(bytes), port);
}

function isMappedIpv4(bytes: Uint8Array): boolean {
  return (
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  );
}

function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0),
  );
  const { start, length } = longestZeroRun(groups);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  // A single zero group is not worth two colons (RFC 5952 §4.2.2).
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
