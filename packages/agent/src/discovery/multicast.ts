import { createSocket, type RemoteInfo, type Socket, type SocketType } from 'node:dgram';
import { BlockList } from 'node:net';
import { networkInterfaces, platform } from 'node:os';

const mdnsPort = 5_353;
/** Answers to a multicast are for one's own link; a router that passed one on would be wrong (RFC 6762 §11). */
const hops = 255;

/** One IP family of multicast DNS. */
export interface Family {
  readonly type: SocketType;
  readonly group: string;
}

export const families: readonly Family[] = [
  { type: 'udp4', group: '224.0.0.251' },
  { type: 'udp6', group: 'ff02::fb' },
];

export interface MulticastEvents {
  readonly message: (bytes: Buffer, from: RemoteInfo) => void;
  /** The socket goes on. */
  readonly error: (error: Error) => void;
}

/**
 * Hears what is sent to the group, on the interface with that name or on the system's choice. Other programs of this
 * machine may hear it too. Rejects when the family, the interface or the port is not to be had.
 */
export async function hearGroup(
  family: Family,
  interfaceName: string | undefined,
  events: MulticastEvents,
): Promise<Socket> {
  const isV6 = family.type === 'udp6';
  const socket = createSocket({ type: family.type, reuseAddr: true, ipv6Only: isV6 });
  // Bound to the group itself, no unicast meant for another program arrives here. Only IPv4 lets us, and not everywhere.
  const address = isV6 || platform() === 'win32' ? undefined : family.group;
  return opened(socket, events, { port: mdnsPort, address }, () => {
    socket.addMembership(family.group, multicastInterface(family, interfaceName));
  });
}

/** A socket of its own that asks the group; what is answered comes straight to it. */
export async function askGroup(
  family: Family,
  interfaceName: string | undefined,
  question: Buffer,
  events: MulticastEvents,
): Promise<Socket> {
  const socket = createSocket({ type: family.type, ipv6Only: family.type === 'udp6' });
  await opened(socket, events, { port: 0 }, () => {
    const chosen = multicastInterface(family, interfaceName);
    if (chosen !== undefined) socket.setMulticastInterface(chosen);
    socket.setMulticastTTL(hops);
    socket.setMulticastLoopback(true);
  });
  return new Promise((resolve, reject) => {
    socket.send(question, mdnsPort, family.group, (error) => {
      if (error === null) return resolve(socket);
      socket.close();
      reject(error);
    });
  });
}

/** How long the machine's addresses are taken for unchanged. */
const linksLastMs = 10_000;

/** The networks that this machine is a part of: nobody else has a say in multicast DNS. */
export class LocalLinks {
  #networks = new BlockList();
  #readAtMs = Number.NEGATIVE_INFINITY;

  include(address: string): boolean {
    if (performance.now() - this.#readAtMs > linksLastMs) this.#read();
    const host = address.replace(/%.*$/, '');
    return this.#networks.check(host, host.includes(':') ? 'ipv6' : 'ipv4');
  }

  #read(): void {
    this.#readAtMs = performance.now();
    this.#networks = new BlockList();
    for (const own of Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])) {
      const prefix = Number(own.cidr?.split('/')[1]);
      if (Number.isNaN(prefix)) continue;
      this.#networks.addSubnet(own.address, prefix, own.family === 'IPv4' ? 'ipv4' : 'ipv6');
    }
  }
}

function opened(
  socket: Socket,
  events: MulticastEvents,
  bind: { readonly port: number; readonly address?: string | undefined },
  prepare: () => void,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      socket.close();
      reject(error);
    };
    socket.once('error', fail);
    socket.bind({ ...bind, exclusive: true }, () => {
      try {
        prepare();
      } catch (error) {
        return fail(error);
      }
      socket.off('error', fail);
      socket.on('error', events.error);
      socket.on('message', events.message);
      resolve(socket);
    });
  });
}

/** As Node wants an interface named: IPv4 by its address, IPv6 by its scope. */
function multicastInterface({ type }: Family, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const wanted = type === 'udp6' ? 'IPv6' : 'IPv4';
  const own = networkInterfaces()[name]?.find(({ family }) => family === wanted);
  // Asked here: the system takes any IPv6 scope for its own choice when the interface has no IPv6.
  if (own === undefined) throw new Error(`interface ${name} has no ${wanted} address`);
  return type === 'udp6' ? `::%${name}` : own.address;
}
