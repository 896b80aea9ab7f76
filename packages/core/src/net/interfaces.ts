import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { sourceHost } from './ip.js';

/** One address of this machine. */
export interface NetworkAddress {
  readonly interface: string;
  readonly address: string;
  /** The network mask's length. */
  readonly prefixBits: number;
}

/** Every address of the interfaces that are up, interfaces and addresses in the system's order. */
export function networkAddresses(): NetworkAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, cidr, family }) => ({
      interface: name,
      address: sourceHost(address),
      prefixBits: Number(cidr?.split('/')[1] ?? (family === 'IPv4' ? 32 : 128)),
    })),
  );
}

/** Whether an interface exists that may be down or have no address. Only Linux can say so without a system call of its own. */
export function interfaceExists(name: string): boolean {
  if (name === '' || name.includes('/') || name === '.' || name === '..') return false;
  return existsSync(`/sys/class/net/${name}`) || networkInterfaces()[name] !== undefined;
}

/**
 * The interface that packets to the rest of the world leave by, or `undefined`. Asks the routing table by connecting a
 * datagram socket, which sends nothing; the destinations are addresses reserved for documentation.
 */
export async function defaultInterface(
  addresses: readonly NetworkAddress[],
): Promise<string | undefined> {
  for (const [type, host] of [
    ['udp4', '203.0.113.1'],
    ['udp6', '2001:db8::1'],
  ] as const) {
    const source = await sourceTowards(type, host);
    const owner = addresses.find(({ address }) => address === source);
    if (owner !== undefined) return owner.interface;
  }
  return undefined;
}

function sourceTowards(type: 'udp4' | 'udp6', host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(type);
    const settle = (source: string | undefined): void => {
      socket.close();
      resolve(source);
    };
    socket.once('error', () => settle(undefined));
    socket.once('connect', () => settle(sourceHost(socket.address().address)));
    socket.connect(9, host);
  });
}
