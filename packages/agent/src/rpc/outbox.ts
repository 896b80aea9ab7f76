import type { Socket } from 'node:net';

interface Outgoing {
  readonly message: Uint8Array;
  readonly sent: () => void;
}

/**
 * What goes out on one connection: whole messages, in order, never more than the socket takes. A sender waits until
 * its message is out before it makes the next, so what is held here is at most one message of each.
 */
export class Outbox {
  readonly #socket: Socket;
  readonly #queue: Outgoing[] = [];
  /** Waits for the socket to drain: its message was one too many. */
  #blocked: (() => void) | undefined;
  #isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => this.#unblock());
    socket.on('close', () => {
      this.#isClosed = true;
      this.#unblock();
    });
  }

  /** Whether the client leaves bytes lying. */
  get isBlocked(): boolean {
    return this.#blocked !== undefined;
  }

  /** Queues a message at once. Resolves when the sender may go on; also when the connection is gone. */
  send(message: Uint8Array): Promise<void> {
    return new Promise((sent) => {
      this.#queue.push({ message, sent });
      this.#flush();
    });
  }

  #unblock(): void {
    const sent = this.#blocked;
    this.#blocked = undefined;
    sent?.();
    this.#flush();
  }

  #flush(): void {
    while (this.#blocked === undefined) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      if (this.#isClosed || this.#socket.write(next.message)) next.sent();
      else this.#blocked = next.sent;
    }
  }
}
