/**
 * Where packets and streams go: `host` is an IP address as text in its canonical form (IPv4-mapped IPv6 is written as
 * plain IPv4), so two endpoints are the same exactly when both fields are equal.
 */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}
