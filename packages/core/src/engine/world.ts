import type { Connection } from '../net/connection.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { EngineNotice } from './protocol.js';

/** All that the engine knows of the machine it runs on. Tests hand in a recorder, the engine real sockets. */
export interface World {
  /** Monotonic milliseconds with fractions. */
  nowMs(): number;
  /** Milliseconds of the wall clock: for what another thread is told, never to measure by. */
  wallClockMs(): number;
  /** Calls `run` once, at `atMs` or later. */
  at(atMs: number, run: () => void): void;
  /** Sends one datagram, best effort. `failed` hears of an error that the system reports. */
  send(packet: Uint8Array, to: Endpoint, failed?: (error: Error) => void): void;
  /** Opens a stream that ends, whatever happens on it, after `timeoutMs`. Rejects with a ConnectionError. */
  dial(to: Endpoint, timeoutMs: number): Promise<Connection>;
  /** Where an address of a join list leads. Rejects with an AddressError. */
  lookUp(address: string): Promise<readonly Endpoint[]>;
  /** Tells the application. */
  tell(notice: EngineNotice): void;
}
