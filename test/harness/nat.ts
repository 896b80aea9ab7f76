import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

const running = new Set<Nat>();

/**
 * A machine that stands in front of another: what comes to its port goes on to the inner one from a port that the inner
 * one has never heard of, and what is answered there comes back from here. Datagrams and streams.
 */
export class Nat {
  readonly #outer = createSocket('udp4');
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** One inner socket for each outside address. */
  readonly #mappings = new Map<string, Datagrams>();
  readonly #innerPort: number;
  forwarded = 0;
  /** While it is true nothing goes in, and no answer comes out. */
  isCut = false;

  /** Takes both kinds on `port` of 127.0.0.1. */
  static async start(port: number, innerPort: number): Promise<Nat> {
    const nat = new Nat(innerPort);
    await new Promise<void>((resolve, reject) => {
      nat.#outer.once('error', reject);
      nat.#outer.bind(port, '127.0.0.1', resolve);
    });
    await new Promise<void>((resolve, reject) => {
      nat.#server.once('error', reject);
      nat.#server.listen(port, '127.0.0.1', resolve);
    });
    running.add(nat);
    return nat;
  }

  private constructor(innerPort: number) {
    this.#innerPort = innerPort;
    this.#outer.on('message', (bytes, { address, port }) => {
      if (this.isCut) return;
      this.forwarded += 1;
      const inner = this.#mappingFor(address, port);
      inner.send(bytes, innerPort, '127.0.0.1', () => {});
    });
    this.#server = createServer({ allowHalfOpen: true }, (outside) => this.#join(outside));
  }

  close(): void {
    running.delete(this);
    this.#outer.close();
    this.#server.close();
    for (const socket of this.#mappings.values()) socket.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #mappingFor(address: string, port: number): Datagrams {
    const key = `${address}:${port}`;
    const known = this.#mappings.get(key);
    if (known !== undefined) return known;
    const inner = createSocket('udp4');
    // An inner machine that died refuses datagrams: the outside only sees silence.
    inner.on('error', () => {});
    inner.on('message', (bytes) => {
      if (!this.isCut) this.#outer.send(bytes, port, address, () => {});
    });
    this.#mappings.set(key, inner);
    return inner;
  }

  #join(outside: Socket): void {
    if (this.isCut) {
      outside.destroy();
      return;
    }
    this.forwarded += 1;
    const inside = createConnection({
      port: this.#innerPort,
      host: '127.0.0.1',
      allowHalfOpen: true,
    });
    for (const [from, to] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => this.#sockets.delete(from));
      from.pipe(to);
    }
  }
}

/** For `afterEach`. */
export function closeNats(): void {
  for (const nat of running) nat.close();
}
