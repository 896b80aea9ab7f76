import { addressBytes } from '../wire/endpoint.js';
import { joinHostPort } from './host-port.js';
import type { NetworkAddress } from './interfaces.js';
import { isUnspecifiedHost, nonForwardable, specialPurpose } from './networks.js';

/** No address that others could dial; the message names the option that gives one. */
export class AdvertiseError extends Error {
  override readonly name = 'AdvertiseError';
}

/** What a node tells the others about where it is, and why (for the log). */
export interface AdvertiseChoice {
  readonly host: string;
  readonly port: number;
  /** 16 bytes where the address was chosen for 0.0.0.0, else the short form: what Serf itself would send (spec/01 §3). */
  readonly address: Uint8Array;
  readonly reason: string;
}

export interface AdvertiseQuestion {
  /** As configured: port 0 means that the system chose `boundPort`. */
  readonly bind: { readonly host: string; readonly port: number };
  readonly boundPort: number;
  readonly advertise: { readonly host: string; readonly port: number } | undefined;
  /** Every address of the interfaces that are up. */
  readonly addresses: readonly NetworkAddress[];
  /** The interface that holds the default route, if one does. */
  readonly defaultInterface: string | undefined;
}

/**
 * Chooses the address to advertise (spec/02 §20, spec/07 §6.2): the configured one; the bound one; or, when bound to
 * every IPv4 address, the best private one. Never loopback unless somebody said so. Throws an AdvertiseError.
 */
export function chooseAdvertise(question: AdvertiseQuestion): AdvertiseChoice {
  const { bind, boundPort, advertise } = question;
  if (advertise !== undefined) {
    refuseUnspecified(advertise, 'advertise address');
    const port = bind.port === 0 || advertise.port === 0 ? boundPort : advertise.port;
    return choice(advertise.host, port, 'short', 'as configured');
  }
  if (bind.host !== '0.0.0.0') {
    refuseUnspecified(bind, 'bind address');
    return choice(bind.host, boundPort, 'short', 'the bind address');
  }
  const [best, ...others] = privateAddresses(question);
  if (best === undefined) throw new AdvertiseError(noneFitting);
  const reason = reasonFor(best, others, question.defaultInterface);
  return choice(best.address, boundPort, 'mapped', reason);
}

function choice(
  host: string,
  port: number,
  form: 'short' | 'mapped',
  reason: string,
): AdvertiseChoice {
  return { host, port, address: addressBytes(host, form), reason };
}

function refuseUnspecified(address: { host: string; port: number }, what: string): void {
  if (!isUnspecifiedHost(address.host)) return;
  throw new AdvertiseError(
    `failed to get final advertise address: the ${what} ${joinHostPort(address.host, address.port)} ` +
      'names no address that others could dial: give one with -advertise',
  );
}

const noneFitting =
  'failed to get final advertise address: no private IP address found, and explicit IP not provided: ' +
  'give one with -advertise (or -bind)';

/** Those that others could dial, the best one first (spec/07 §6.4). */
function privateAddresses({ addresses, defaultInterface }: AdvertiseQuestion): NetworkAddress[] {
  const rank = (a: NetworkAddress): number[] => [
    a.interface === defaultInterface ? 0 : 1,
    a.address.includes(':') ? 1 : 0,
    a.prefixBits,
  ];
  return addresses
    .filter(({ address }) => !nonForwardable.includes(address) && specialPurpose.includes(address))
    .map((address) => ({ address, rank: rank(address) }))
    .sort((a, b) => compareRanks(a.rank, b.rank))
    .map(({ address }) => address);
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** Alternatives that a log line names; a machine full of containers has dozens. */
const namedAlternatives = 3;

function reasonFor(
  best: NetworkAddress,
  others: readonly NetworkAddress[],
  defaultInterface: string | undefined,
): string {
  const role = best.interface === defaultInterface ? ', which holds the default route' : '';
  const reason = `private address of interface ${best.interface}${role}`;
  if (others.length === 0) return reason;
  const named = others
    .slice(0, namedAlternatives)
    .map((other) => `${other.address} of ${other.interface}`)
    .join(', ');
  const more = others.length - namedAlternatives;
  return `${reason}; -advertise would take another: ${named}${more > 0 ? ` and ${more} more` : ''}`;
}
