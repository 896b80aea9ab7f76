import { connect, type Socket } from 'node:net';
import { ObjectScanner } from '@tserf/core/msgpack';
import { encodeWire, showWire, type WireValue } from './wire-values.ts';

/** What an agent sent, or that it hung up. */
export type Heard = unknown;

const hungUp = 'hung up';
const silence = 'silence';

/** A client that knows objects, not commands: it says what a test wants and keeps all that comes back. */
export class WireClient {
  readonly #socket: Socket;
  readonly #scanner = new ObjectScanner({ maxBytes: 64 * 1024 * 1024, maxDepth: 64 });
  readonly #heard: Heard[] = [];
  #taken = 0;
  #wake = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#scanner.push(chunk);
      for (let next = this.#scanner.next(); next !== undefined; next = this.#scanner.next()) {
        this.#heard.push(showWire(next));
      }
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#heard.push(hungUp);
      this.#wake();
    });
  }

  /** `address` is `host:port`. */
  static async connect(address: string): Promise<WireClient> {
    const port = Number(address.slice(address.lastIndexOf(':') + 1));
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new WireClient(socket);
  }

  /** A client that shook hands, with number 0. */
  static async greeted(address: string): Promise<WireClient> {
    const client = await WireClient.connect(address);
    client.request('handshake', 0, { Version: 1 });
    await client.take(1);
    return client;
  }

  send(...objects: readonly WireValue[]): void {
    this.#socket.write(Buffer.concat(objects.map(encodeWire)));
  }

  sendBytes(hex: string): void {
    this.#socket.write(Buffer.from(hex, 'hex'));
  }

  request(command: string, seq: number | bigint, body?: WireValue): void {
    const header = { Command: command, Seq: seq };
    if (body === undefined) this.send(header);
    else this.send(header, body);
  }

  /** The next `count` objects; fewer, and a word in their place, when the agent hangs up or is silent. */
  async take(count: number, withinMs = 10_000): Promise<readonly Heard[]> {
    const deadline = performance.now() + withinMs;
    while (this.#heard.length < this.#taken + count && !this.#heard.includes(hungUp)) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) {
        this.#heard.push(silence);
        break;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const taken = this.#heard.slice(this.#taken, this.#taken + count);
    this.#taken += taken.length;
    return taken;
  }

  /** All objects that come until there was none for so long. */
  async takeUntilQuiet(quietMs: number): Promise<readonly Heard[]> {
    const all: Heard[] = [];
    for (;;) {
      const [next] = await this.take(1, quietMs);
      if (next === silence || next === undefined) return all;
      all.push(next);
      if (next === hungUp) return all;
    }
  }

  /** Asks and takes as many objects as an answer has. */
  async ask(
    command: string,
    seq: number | bigint,
    body: WireValue | undefined,
    count: number,
  ): Promise<readonly Heard[]> {
    this.request(command, seq, body);
    return this.take(count);
  }

  close(): void {
    this.#socket.destroy();
  }
}
