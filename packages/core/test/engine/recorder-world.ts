import type { EngineNotice } from '../../src/engine/protocol.js';
import type { World } from '../../src/engine/world.js';
import type { Connection } from '../../src/net/connection.js';
import type { Endpoint } from '../../src/wire/endpoint.js';

export const remote: Endpoint = { host: '10.0.0.9', port: 7946 };

/** A stream whose other side is the test: it says what is read, and looks at what was written. */
export class FakeConnection implements Connection {
  readonly remote = remote;
  readonly written: Uint8Array[] = [];
  readonly #chunks: (Uint8Array | Error | undefined)[];
  ending: 'open' | 'finished' | 'destroyed' = 'open';
  writeFailure: Error | undefined;

  /** `undefined` is the other side's end, an Error a broken stream. After the last chunk nothing more comes. */
  constructor(...chunks: (Uint8Array | Error | undefined)[]) {
    this.#chunks = chunks;
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.#chunks.length === 0) return new Promise(() => undefined);
    const chunk = this.#chunks.shift();
    return chunk instanceof Error ? Promise.reject(chunk) : Promise.resolve(chunk);
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.writeFailure !== undefined) return Promise.reject(this.writeFailure);
    this.written.push(bytes);
    return Promise.resolve();
  }

  finish(): void {
    this.ending = 'finished';
  }

  destroy(): void {
    this.ending = 'destroyed';
  }
}

/** A machine that only takes notes. */
export class RecorderWorld implements World {
  readonly packets: { packet: Uint8Array; to: Endpoint }[] = [];
  readonly timers: { atMs: number; run: () => void }[] = [];
  readonly notices: EngineNotice[] = [];
  readonly dialled: { to: Endpoint; timeoutMs: number }[] = [];
  connection: Connection | Error = new Error('nobody is there');
  /** What the system says about the next datagrams. */
  sendFailure: Error | undefined;
  /** Where every address leads. */
  found: readonly Endpoint[] | Error = [];
  now = 1_000;

  nowMs(): number {
    return this.now;
  }

  wallClockMs(): number {
    return 1_700_000_000_000 + this.now;
  }

  at(atMs: number, run: () => void): void {
    this.timers.push({ atMs, run });
  }

  send(packet: Uint8Array, to: Endpoint, failed?: (error: Error) => void): void {
    this.packets.push({ packet, to });
    if (this.sendFailure !== undefined) failed?.(this.sendFailure);
  }

  dial(to: Endpoint, timeoutMs: number): Promise<Connection> {
    this.dialled.push({ to, timeoutMs });
    return this.connection instanceof Error
      ? Promise.reject(this.connection)
      : Promise.resolve(this.connection);
  }

  lookUp(): Promise<readonly Endpoint[]> {
    return this.found instanceof Error ? Promise.reject(this.found) : Promise.resolve(this.found);
  }

  tell(notice: EngineNotice): void {
    this.notices.push(notice);
  }

  get lines(): string[] {
    return this.notices.flatMap((notice) =>
      notice.type === 'log' ? [`${notice.level} ${notice.text}`] : [],
    );
  }
}

/** Long enough for promises that wait for nothing real. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
