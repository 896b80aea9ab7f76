import { AddressError, resolvePort, splitHostPort } from '@tserf/core';
import { pause } from '../delay.js';
import type { RareLog } from '../rare-log.js';
import type { MetricsWire } from './wire.js';

/** After an error, as in Serf; what is measured meanwhile is not kept. */
const retryMs = 5_000;

/** Lines that come together; of more, the rest is dropped. */
const lineLimit = 4_096;

/** What may wait for a server that takes nothing. */
const waitingLimitBytes = 1_048_576;

export interface SinkOptions {
  /** `statsd` or `statsite`. */
  readonly name: string;
  readonly network: 'tcp' | 'udp';
  /** `host:port`, as the operator wrote it; the port may be a service's name. A wrong one fails nothing: it is tried again, and told of. */
  readonly address: string;
  readonly dial: (host: string, port: number) => Promise<MetricsWire>;
  readonly troubles: RareLog;
}

/** Sends lines to one server, for as long as it is there, and looks for it when it is not (spec/07 §13.3). */
export class MetricsSink {
  readonly #options: SinkOptions;
  readonly #ended = new AbortController();
  #wire: MetricsWire | undefined;

  constructor(options: SinkOptions) {
    this.#options = options;
    void this.#keepOpen();
  }

  write(lines: readonly string[]): void {
    const wire = this.#wire;
    if (wire === undefined || wire.waitingBytes > waitingLimitBytes || lines.length === 0) return;
    wire.write(lines.slice(0, lineLimit));
  }

  /** Stopping twice is harmless. */
  stop(): void {
    this.#ended.abort();
    this.#wire?.close();
    this.#wire = undefined;
  }

  async #keepOpen(): Promise<void> {
    const { signal } = this.#ended;
    const { name, address, troubles } = this.#options;
    while (!signal.aborted) {
      const reason = await this.#use();
      this.#wire = undefined;
      if (signal.aborted) break;
      troubles.write('WARN', `agent: Failed to send metrics to ${name} at ${address}: ${reason}`);
      await pause(retryMs, signal);
    }
  }

  /** Resolves to the reason when it is over. */
  async #use(): Promise<string> {
    const { address, network, dial } = this.#options;
    try {
      const { host, port } = splitHostPort(address);
      const wire = await dial(host, await portOf(port, network));
      if (this.#ended.signal.aborted) wire.close();
      else this.#wire = wire;
      return await wire.broken;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/** Nobody can be reached at port 0, which none is. */
async function portOf(text: string, network: 'tcp' | 'udp'): Promise<number> {
  const port = await resolvePort(text, network);
  if (port === 0) throw new AddressError(`address ${text}: invalid port`);
  return port;
}
