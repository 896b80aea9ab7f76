import { isIP } from 'node:net';
import { addressBytes, addressText } from '../wire/endpoint.js';

/**
 * An IP literal in the form that an Endpoint has (IPv4-mapped as plain IPv4, IPv6 shortest, no zone), or `undefined`
 * where the text is no IP address.
 */
export function canonicalIp(text: string): string | undefined {
  const plain = isIP(text) === 6 ? text.replace(/%.*$/, '') : text;
  return isIP(plain) === 0 ? undefined : addressText(addressBytes(plain, 'short'));
}

/** An address as the operating system reports it: a dual-stack socket writes IPv4 as `::ffff:a.b.c.d`. */
export function sourceHost(address: string): string {
  if (!address.includes(':')) return address;
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7);
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
}
