import { createServer, type Server, type Socket } from 'node:net';
import type { Endpoint } from '../wire/endpoint.js';
import { joinHostPort } from './host-port.js';
import { errorCode, systemErrorText } from './system-error.js';
import { type UdpListener, UdpSocket } from './udp.js';

/** The port or address cannot be had; the message is Serf's. `code` is the system's, such as `EADDRINUSE`. */
export class BindError extends Error {
  override readonly name = 'BindError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** With port 0, TCP's choice may be taken on UDP: then both try again. */
const dynamicPortTries = 10;

/** The connections that the system holds until this process takes them. */
const backlog = 511;

export interface TransportListener extends UdpListener {
  /** One accepted stream, half-open. The listener owns it. */
  stream(socket: Socket): void;
}

/** A TCP listener and a UDP socket on one address and one port. */
export class Transport {
  readonly udp: UdpSocket;
  /** The port that was bound. */
  readonly port: number;
  readonly #server: Server;
  readonly #streams = new Set<Socket>();
  #listener: TransportListener | undefined;

  private constructor(udp: UdpSocket, server: Server) {
    this.udp = udp;
    this.#server = server;
    this.port = portOf(server);
    server.on('connection', (socket) => this.#accept(socket));
    server.on('error', (error) => this.#listener?.error(error));
  }

  /**
   * Binds both. An empty host or 0.0.0.0 is every address of both families, as in Serf, where the system has IPv6. Port 0
   * lets the system choose. Rejects with a BindError; then nothing stays bound.
   */
  static async bind(bind: Endpoint): Promise<Transport> {
    const tries = bind.port === 0 ? dynamicPortTries : 1;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await Transport.#bindOnce(bind);
      } catch (error) {
        if (attempt >= tries || errorCode(error) !== 'EADDRINUSE') throw error;
      }
    }
  }

  static async #bindOnce(bind: Endpoint): Promise<Transport> {
    const isEverywhere = bind.host === '' || bind.host === '0.0.0.0';
    const host = isEverywhere ? '::' : bind.host;
    try {
      return await Transport.#bindPair(host, bind);
    } catch (error) {
      if (!isEverywhere || errorCode(error) === 'EADDRINUSE' || errorCode(error) === 'EACCES') {
        throw error;
      }
      return Transport.#bindPair('0.0.0.0', bind);
    }
  }

  static async #bindPair(host: string, asked: Endpoint): Promise<Transport> {
    const server = await listen(host, asked.port).catch((cause: unknown) => {
      throw bindError('TCP', asked, asked.port, cause);
    });
    const port = portOf(server);
    try {
      return new Transport(await UdpSocket.bind(host, port), server);
    } catch (cause) {
      await new Promise((resolve) => server.close(resolve));
      throw bindError('UDP', asked, port, cause);
    }
  }

  /** Starts to hear. Streams that came before are refused. */
  listen(listener: TransportListener): void {
    this.#listener = listener;
    this.udp.listen(listener);
  }

  #accept(socket: Socket): void {
    if (this.#listener === undefined) {
      socket.destroy();
      return;
    }
    this.#streams.add(socket);
    socket.once('close', () => this.#streams.delete(socket));
    this.#listener.stream(socket);
  }

  /** Streams that are open on the accepting side. */
  get openStreams(): number {
    return this.#streams.size;
  }

  /** Closes everything at once; resolves when the port is free. Harmless when closed. */
  async close(): Promise<void> {
    for (const socket of this.#streams) socket.destroy();
    await Promise.all([
      this.udp.close(),
      new Promise<void>((resolve) => this.#server.close(() => resolve())),
    ]);
  }
}

function listen(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true });
    server.once('error', reject);
    server.listen({ host, port, backlog, exclusive: true }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a listener without a port');
  return address.port;
}

function bindError(
  network: 'TCP' | 'UDP',
  asked: Endpoint,
  port: number,
  cause: unknown,
): BindError {
  const where = `listen ${network.toLowerCase()} ${joinHostPort(asked.host, port)}`;
  return new BindError(
    errorCode(cause) ?? 'BIND',
    'could not set up network transport: failed to obtain an address: ' +
      `failed to start ${network} listener on "${asked.host}" port ${port}: ` +
      `${where}: bind: ${systemErrorText(cause)}`,
    { cause },
  );
}
