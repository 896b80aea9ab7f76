import { readFile } from 'node:fs/promises';

/** An address that a person wrote and that cannot be used; the message says which part is wrong, in Serf's words. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

export interface HostPort {
  /** Without brackets; may be empty. */
  readonly host: string;
  /** Not yet a number. */
  readonly port: string;
}

/**
 * Splits `host:port` and `[host]:port`. Throws an AddressError that names the address as written; the one for a
 * missing port is told apart by `isMissingPort`.
 */
export function splitHostPort(text: string): HostPort {
  const colon = text.lastIndexOf(':');
  if (colon < 0) throw missingPort(text);
  if (text.startsWith('[')) return splitBracketed(text, colon);

  const host = text.slice(0, colon);
  if (host.includes(':')) throw new AddressError(`address ${text}: too many colons in address`);
  refuseStrayBrackets(text, text);
  return { host, port: text.slice(colon + 1) };
}

function splitBracketed(text: string, colon: number): HostPort {
  const end = text.indexOf(']');
  if (end < 0) throw new AddressError(`address ${text}: missing ']' in address`);
  if (end + 1 !== colon) {
    if (text[end + 1] === ':')
      throw new AddressError(`address ${text}: too many colons in address`);
    throw missingPort(text);
  }
  const host = text.slice(1, end);
  refuseStrayBrackets(text, host + text.slice(colon));
  return { host, port: text.slice(colon + 1) };
}

function refuseStrayBrackets(text: string, rest: string): void {
  if (rest.includes('[')) throw new AddressError(`address ${text}: unexpected '[' in address`);
  if (rest.includes(']')) throw new AddressError(`address ${text}: unexpected ']' in address`);
}

class MissingPortError extends AddressError {}

function missingPort(text: string): MissingPortError {
  return new MissingPortError(`address ${text}: missing port in address`);
}

export function isMissingPort(error: unknown): boolean {
  return error instanceof MissingPortError;
}

/** `host:port`, with brackets where the host has a colon. */
export function joinHostPort(host: string, port: number | string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Reads the port of such an address by Go's rules (spec/06 §1.4): a number, or the name of a service of this system; none
 * is 0. Throws an AddressError.
 */
export async function resolvePort(text: string, network: 'tcp' | 'udp' = 'tcp'): Promise<number> {
  if (text === '') return 0;
  if (/^[+-]?\d+$/.test(text)) {
    const port = Number(text);
    if (port < 0 || port > 65_535) throw new AddressError(`address ${text}: invalid port`);
    return port;
  }
  const port = await servicePort(text.toLowerCase(), network);
  if (port === undefined) throw new AddressError(`lookup ${network}/${text}: unknown port`);
  return port;
}

/** Node cannot ask for a service's port; the system's own table can. */
async function servicePort(name: string, network: string): Promise<number | undefined> {
  const table = await readFile('/etc/services', 'utf8').catch(() => '');
  for (const line of table.split('\n')) {
    const [service, place = '', ...aliases] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    const [port, itsNetwork] = place.split('/');
    if (itsNetwork === network && [service, ...aliases].includes(name)) return Number(port);
  }
  return fewServices.get(`${name}/${network}`);
}

/** For systems without a table. */
const fewServices: ReadonlyMap<string, number> = new Map([
  ['domain/tcp', 53],
  ['domain/udp', 53],
  ['http/tcp', 80],
  ['https/tcp', 443],
  ['smtp/tcp', 25],
  ['ssh/tcp', 22],
]);
