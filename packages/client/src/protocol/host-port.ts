import { resolvePort, splitHostPort } from '@tserf/core/host-port';

export interface HostPort {
  /** Without brackets; empty means "this machine" to dial, "every address" to listen. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port` or `[host]:port` by Go's rules (spec/06 §1.4). Rejects with an AddressError, whose message is to go
 * behind `dial tcp: ` or `listen tcp: `.
 */
export async function parseHostPort(address: string): Promise<HostPort> {
  const { host, port } = splitHostPort(address);
  return { host, port: await resolvePort(port) };
}
