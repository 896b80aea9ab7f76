/**
 * Where packets and streams go: `host` is an IP address as text in its canonical form (IPv4-mapped IPv6 is written as
 * plain IPv4), so two endpoints are the same exactly when both fields are equal.
 */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export function endpointOf(address: Uint8Array, port: number): Endpoint | undefined { void address; void port; throw new Error('being written'); }
export function addressText(address: Uint8Array): string { void address; throw new Error('being written'); }
export function addressBytes(host: string, form: 'short' | 'mapped'): Uint8Array { void host; void form; throw new Error('being written'); }
export function sameAddress(a: Uint8Array, b: Uint8Array): boolean { void a; void b; throw new Error('being written'); }
export function isUnspecified(address: Uint8Array): boolean { void address; throw new Error('being written'); }
export function formatEndpoint(endpoint: Endpoint): string { void endpoint; throw new Error('being written'); }
