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
