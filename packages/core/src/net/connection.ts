import { Socket } from 'node:net';
import type { Endpoint } from '../wire/endpoint.js';
import { joinHostPort } from './host-port.js';
import { sourceHost } from './ip.js';
import { plainBytes } from './plain-bytes.js';
import { systemErrorText } from './system-error.js';
import { after, type Timer } from './timer.js';

/** A stream that could not be opened or broke; the message says at which step, in Serf's words. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** One stream, with one deadline for all that happens on it. */
export interface Connection {
  readonly remote: Endpoint;
  /** The next bytes; `undefined` when the other side is done. Rejects with a ConnectionError. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when the system has taken the bytes. Rejects with a ConnectionError. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends this side after what was written; waits a moment for the other side, so that nothing written is lost. */
  finish(): void;
  /** Drops everything at once. Harmless when closed. */
  destroy(): void;
}

/** How long an ended stream waits for the other side's end: closing on unread bytes would reset what we wrote. */
const lingerMs = 1_000;

/** A Connection over a socket of Node's, which has to be half-open: the other side may end first and still be answered. */
export class SocketConnection implements Connection {
  readonly remote: Endpoint;
  readonly #socket: Socket;
  readonly #name: string;
  readonly #deadline: Timer;
  #isLate = false;
  #failure: unknown;
  #wake: () => void = () => undefined;

  constructor(socket: Socket, remote: Endpoint, timeoutMs: number) {
    this.#socket = socket;
    this.remote = remote;
    this.#name = joinHostPort(remote.host, remote.port);
    this.#deadline = after(timeoutMs, () => {
      this.#isLate = true;
      socket.destroy();
    });
    const wake = (): void => this.#wake();
    socket.on('readable', wake);
    socket.on('end', wake);
    socket.on('error', (error) => {
      this.#failure = error;
    });
    socket.on('close', () => {
      this.#deadline.cancel();
      wake();
    });
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk: Uint8Array | null = this.#socket.read();
      if (chunk !== null) return plainBytes(chunk);
      if (this.#isLate || this.#failure !== undefined) throw this.#errorAt('read', this.#failure);
      if (this.#socket.readableEnded || this.#socket.destroyed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (cause) => {
        // Of a socket that was destroyed meanwhile Node says that all is well, although the bytes are lost.
        if (cause == null && !this.#socket.destroyed) resolve();
        else reject(this.#errorAt('write', cause));
      });
    });
  }

  #errorAt(step: 'read' | 'write', cause: unknown): ConnectionError {
    const words = this.#isLate ? 'i/o timeout' : systemErrorText(cause ?? 'operation was canceled');
    return new ConnectionError(`${step} tcp ${this.#name}: ${words}`, { cause });
  }

  finish(): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    socket.end();
    if (socket.readableEnded) {
      socket.destroySoon();
      return;
    }
    const linger = after(lingerMs, () => socket.destroy());
    socket.once('close', () => linger.cancel());
    socket.once('end', () => socket.destroySoon());
    socket.removeAllListeners('readable');
    socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** Opens streams, and can close all that it opened. */
export class Dialler {
  readonly #sockets = new Set<Socket>();

  /** Opens a stream that ends, whatever happens on it, after `timeoutMs`. Rejects with a ConnectionError. */
  dial(to: Endpoint, timeoutMs: number): Promise<SocketConnection> {
    const name = joinHostPort(to.host, to.port);
    const dueMs = performance.now() + timeoutMs;
    const socket = new Socket({ allowHalfOpen: true });
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));

    return new Promise((resolve, reject) => {
      const fail = (words: string, cause?: unknown): void => {
        deadline.cancel();
        socket.destroy();
        reject(new ConnectionError(`dial tcp ${name}: ${words}`, { cause }));
      };
      const deadline = after(timeoutMs, () => fail('i/o timeout'));
      socket.on('error', (cause) => fail(`connect: ${systemErrorText(cause)}`, cause));
      socket.once('close', () => fail('operation was canceled'));
      socket.once('connect', () => {
        deadline.cancel();
        socket.setNoDelay(true);
        resolve(new SocketConnection(socket, to, dueMs - performance.now()));
      });
      try {
        socket.connect({ host: to.host, port: to.port });
      } catch (cause) {
        // Port 0, for one, is refused by throwing.
        fail(`connect: ${systemErrorText(cause)}`, cause);
      }
    });
  }

  /** Breaks off what is open or being opened. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** The connection of a socket that a listener accepted, or `undefined` where the other side is already gone. */
export function accepted(socket: Socket, timeoutMs: number): SocketConnection | undefined {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) {
    socket.destroy();
    return undefined;
  }
  socket.setNoDelay(true);
  const remote = { host: sourceHost(remoteAddress), port: remotePort };
  return new SocketConnection(socket, remote, timeoutMs);
}
