import { BlockList, isIP, isIPv4 } from 'node:net';
import { AddressError } from './host-port.js';

/** A set of networks, asked by an address in text form. */
export interface Networks {
  includes(host: string): boolean;
}

/** Reads networks in CIDR form; a bare address is a network of one. Throws an AddressError for anything else. */
export function networksOf(texts: readonly string[]): Networks {
  const list = new BlockList();
  for (const text of texts) add(list, text);
  return { includes: (host) => isIP(host) !== 0 && list.check(host, familyOf(host)) };
}

function add(list: BlockList, text: string): void {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const bits = isIPv4(address) ? 32 : 128;
  const prefix = slash < 0 ? String(bits) : text.slice(slash + 1);
  if (isIP(address) === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) {
    throw new AddressError(`invalid CIDR address: ${text}`);
  }
  list.addSubnet(address, Number(prefix), familyOf(address));
}

function familyOf(host: string): 'ipv4' | 'ipv6' {
  return isIPv4(host) ? 'ipv4' : 'ipv6';
}

/** Addresses that packets for other machines cannot have (spec/07 §6.4 step 2); `::ffff:0:0/96` never shows as IPv6 here. */
export const nonForwardable = networksOf([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
  '::1/128',
  '::/128',
  '2001::/23',
  '2001:db8::/32',
  '2001:10::/28',
  'fe80::/10',
]);

/** The special-purpose addresses of RFC 6890: what is not public (spec/07 §6.4 step 4). */
export const specialPurpose = networksOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
  '::1/128',
  '::/128',
  '64:ff9b::/96',
  '100::/64',
  '2001::/16',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
]);

/** Not an address but a placeholder for all of them. */
export function isUnspecifiedHost(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::';
}
