import { lookup } from 'node:dns/promises';
import { isHostName } from './host-name.js';
import { AddressError, isMissingPort, resolvePort, splitHostPort } from './host-port.js';
import { interfaceExists, type NetworkAddress, networkAddresses } from './interfaces.js';
import { canonicalIp } from './ip.js';

/** Where gossip is bound or advertised when no port is given (TCP and UDP). */
export const defaultGossipPort = 7_946;

/** An address to bind or to advertise: an IP literal, or empty for "every address", and a port. */
export interface BindAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host`, `host:port` or `:port` as Serf's agent does for `-bind` and `-advertise` (spec/07 §6.1): the host may be
 * an IP literal, a name (IPv4 preferred) or empty; the port a number or the name of a TCP service; none is 7946. Throws
 * an AddressError: `Invalid bind address: <reason>`.
 */
export async function resolveBindAddress(
  text: string,
  what: 'bind' | 'advertise' = 'bind',
): Promise<BindAddress> {
  try {
    const { host, port } = splitWithDefaultPort(text);
    return { port: await resolvePort(port), host: await resolveHost(host) };
  } catch (cause) {
    if (!(cause instanceof AddressError)) throw cause;
    throw new AddressError(`Invalid ${what} address: ${cause.message}`, { cause });
  }
}

function splitWithDefaultPort(text: string): { host: string; port: string } {
  try {
    return splitHostPort(text);
  } catch (error) {
    if (!isMissingPort(error)) throw error;
    return splitHostPort(`${text}:${defaultGossipPort}`);
  }
}

async function resolveHost(host: string): Promise<string> {
  if (host === '') return '';
  const literal = canonicalIp(host);
  if (literal !== undefined) return literal;
  if (!isHostName(host)) throw new AddressError(`lookup ${host}: no such host`);
  try {
    const found = await lookup(host, { all: true, verbatim: true });
    const best = found.find(({ family }) => family === 4) ?? found[0];
    const address = best && canonicalIp(best.address);
    if (address !== undefined) return address;
  } catch (cause) {
    throw new AddressError(`lookup ${host}: no such host`, { cause });
  }
  throw new AddressError(`lookup ${host}: no such host`);
}

export interface InterfaceBindAddress extends BindAddress {
  /** Whether the address was taken from the interface, which is worth a line, or was given and only checked. */
  readonly picked: boolean;
}

/**
 * The address to bind when an interface is named (spec/07 §6.3): its first address that is not link-local where `bind` is
 * 0.0.0.0, else `bind` itself, which has to be one of its addresses. Throws an AddressError in Serf's words.
 */
export function interfaceBindAddress(
  name: string,
  bind: BindAddress,
  all: readonly NetworkAddress[] = networkAddresses(),
): InterfaceBindAddress {
  const own = all.filter((address) => address.interface === name).map(({ address }) => address);
  if (own.length === 0) throw new AddressError(withoutAddresses(name));

  if (bind.host === '0.0.0.0') {
    const first = own.find((address) => !isLinkLocal(address));
    if (first !== undefined) return { host: first, port: bind.port, picked: true };
    throw new AddressError(`Failed to find usable address for interface '${name}'`);
  }
  if (own.includes(bind.host)) return { ...bind, picked: false };
  throw new AddressError(`Interface '${name}' has no '${bind.host || '<nil>'}' address`);
}

function withoutAddresses(name: string): string {
  return interfaceExists(name)
    ? `Interface '${name}' has no addresses`
    : 'Invalid network interface: route ip+net: no such network interface';
}

function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.') || /^fe[89ab]/i.test(address);
}
