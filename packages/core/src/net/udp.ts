import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Endpoint } from '../wire/endpoint.js';
import { sourceHost } from './ip.js';
import { plainBytes } from './plain-bytes.js';

/** What a receive buffer is asked for first; halved until the system agrees (spec/01 §12). */
const wantedReceiveBytes = 2 * 1024 * 1024;

/** Datagrams that the system has not taken yet; beyond it new ones are dropped, as a full network would. */
const sendQueueLimit = 4_096;

export interface UdpListener {
  packet(bytes: Uint8Array, from: Endpoint): void;
  /** The socket itself is in trouble; it goes on where it can. */
  error(error: Error): void;
}

/** One bound datagram socket. Sending is best effort: what fails is counted, and told only to who asks. */
export class UdpSocket {
  readonly #socket: Socket;
  readonly #mapsIpv4: boolean;
  #inFlight = 0;
  #closed = false;
  /** Datagrams received; the timers look at it after a stall (see TimerQueue). */
  received = 0;
  sendErrors = 0;
  sendsDropped = 0;

  private constructor(socket: Socket, mapsIpv4: boolean) {
    this.#socket = socket;
    this.#mapsIpv4 = mapsIpv4;
  }

  /** Binds; rejects with the system's error. Nothing is heard before `listen`. */
  static bind(host: string, port: number): Promise<UdpSocket> {
    const isIpv6 = host.includes(':');
    const socket = createSocket({
      type: isIpv6 ? 'udp6' : 'udp4',
      // Hosts are IP literals: without this, each send would wait a turn for a name lookup that has nothing to do.
      lookup: (name, _options, callback) =>
        callback(null, isIpv6 && !name.includes(':') ? `::ffff:${name}` : name, isIpv6 ? 6 : 4),
    });
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(error);
      });
      socket.bind({ address: host, port, exclusive: true }, () => {
        socket.removeAllListeners('error');
        // Until `listen` gives it a better owner: an error event without a listener would end the process.
        socket.on('error', () => undefined);
        requestReceiveBuffer(socket);
        resolve(new UdpSocket(socket, isIpv6));
      });
    });
  }

  listen(listener: UdpListener): void {
    this.#socket.on('message', (bytes: Uint8Array, { address, port }: RemoteInfo) => {
      this.received += 1;
      if (bytes.length === 0 || this.#closed) return;
      listener.packet(plainBytes(bytes), {
        host: this.#mapsIpv4 ? sourceHost(address) : address,
        port,
      });
    });
    this.#socket.on('error', (error) => listener.error(error));
  }

  /** Sends one datagram. `failed` hears of an error; without it the error is only counted. */
  send(bytes: Uint8Array, to: Endpoint, failed?: (error: Error) => void): void {
    if (this.#closed) return;
    if (this.#inFlight >= sendQueueLimit) {
      this.sendsDropped += 1;
      return;
    }
    this.#inFlight += 1;
    const done =
      failed === undefined
        ? this.#sent
        : (error: Error | null): void => {
            this.#sent(error);
            if (error !== null) failed(error);
          };
    try {
      this.#socket.send(bytes, to.port, to.host, done);
    } catch (error) {
      // Port 0, for one, is refused by throwing.
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  readonly #sent = (error: Error | null): void => {
    this.#inFlight -= 1;
    if (error !== null) this.sendErrors += 1;
  };

  /** Resolves when the port is free again. Harmless when closed. */
  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    return new Promise((resolve) => {
      this.#socket.close(() => resolve());
    });
  }
}

function requestReceiveBuffer(socket: Socket): void {
  for (let bytes = wantedReceiveBytes; bytes >= 64 * 1024; bytes /= 2) {
    try {
      socket.setRecvBufferSize(bytes);
      return;
    } catch {
      // The system allows less: ask for half.
    }
  }
}
