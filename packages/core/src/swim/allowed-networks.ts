import { addressBytes } from '../wire/endpoint.js';

interface Network {
  /** 4 bytes for IPv4, 16 for IPv6. */
  readonly base: Uint8Array;
  readonly prefixBits: number;
}

/**
 * The networks that members may live in (spec/02 §20). None given means that all are allowed. IPv4 and IPv6 are told
 * apart; the IPv4-mapped form counts as IPv4.
 */
export class AllowedNetworks {
  readonly #networks: readonly Network[];

  /** Throws RangeError for text that is no network in CIDR notation. */
  constructor(networks: readonly string[]) {
    this.#networks = networks.map(parseNetwork);
  }

  get allowsAll(): boolean {
    return this.#networks.length === 0;
  }

  allows(address: Uint8Array): boolean {
    if (this.#networks.length === 0) return true;
    const short = shortForm(address);
    return this.#networks.some((network) => contains(network, short));
  }

  /** The same for a packet's source. What is no IP address lies in no network. */
  allowsHost(host: string): boolean {
    if (this.#networks.length === 0) return true;
    const address = parseAddress(host);
    return address !== undefined && this.allows(address);
  }
}

/** Why a text is no network in CIDR notation, or undefined. */
export function networkProblem(text: string): string | undefined {
  try {
    parseNetwork(text);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function parseNetwork(text: string): Network {
  const parts = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const address = parts?.[1] === undefined ? undefined : parseAddress(parts[1]);
  if (address === undefined) {
    throw new RangeError(`"${text}" is no network; write an address and a prefix: 10.0.0.0/8`);
  }
  const prefixBits = Number(parts?.[2]);
  if (prefixBits > address.length * 8) {
    throw new RangeError(`"${text}": the prefix can be ${address.length * 8} at most`);
  }
  return { base: address, prefixBits };
}

function parseAddress(host: string): Uint8Array | undefined {
  try {
    return shortForm(addressBytes(host, 'short'));
  } catch {
    return undefined;
  }
}

function contains(network: Network, address: Uint8Array): boolean {
  if (address.length !== network.base.length) return false;
  const wholeBytes = network.prefixBits >> 3;
  for (let index = 0; index < wholeBytes; index += 1) {
    if (address[index] !== network.base[index]) return false;
  }
  const restBits = network.prefixBits & 7;
  if (restBits === 0) return true;
  const mask = 0xff << (8 - restBits);
  return ((address[wholeBytes] ?? 0) & mask) === ((network.base[wholeBytes] ?? 0) & mask);
}

/** IPv4-mapped IPv6 as the four bytes of IPv4; anything else as it is. */
function shortForm(address: Uint8Array): Uint8Array {
  if (address.length !== 16 || address[10] !== 0xff || address[11] !== 0xff) return address;
  for (let index = 0; index < 10; index += 1) if (address[index] !== 0) return address;
  return address.subarray(12);
}
