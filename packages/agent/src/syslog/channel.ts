import { createConnection, type Socket } from 'node:net';
import { FedProcess } from '../processes/fed-process.js';
import { syslogLine, syslogTag } from './line.js';

/** A way to the daemon. */
export interface Channel {
  /** Why it is of no use any more; resolves at its end, whoever ended it. */
  readonly closed: Promise<string>;
  /** Bytes that wait in this process, as the daemon does not take them. */
  readonly waitingBytes: number;
  /** `text` is one line. */
  write(priority: number, text: string): void;
  /** Lets the rest out, within a second. */
  close(): Promise<void>;
}

/** util-linux's program, which takes the priority of each line in front of it. */
const logger = 'logger';

/**
 * Opens the way to the daemon that listens at `path`. Rejects when none does.
 *
 * Most daemons take datagrams, which Node cannot send to a Unix socket: then `logger`, a part of every Linux
 * distribution, hands the lines on.
 */
export async function openChannel(path: string): Promise<Channel> {
  try {
    return new StreamChannel(await connect(path));
  } catch (error) {
    if (!isDatagramSocket(error)) throw error;
    await checkLogger();
    return new LoggerChannel(path);
  }
}

class StreamChannel implements Channel {
  readonly closed: Promise<string>;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.unref();
    // Nothing is said to us, but without reading we would not see the end.
    socket.resume();
    let reason = 'the daemon closed the connection';
    this.closed = new Promise((resolve) => {
      socket.on('error', ({ message }) => {
        reason = message;
      });
      socket.once('close', () => resolve(reason));
    });
  }

  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  write(priority: number, text: string): void {
    if (this.#socket.writable) this.#socket.write(`${syslogLine(priority, text, new Date())}\n`);
  }

  async close(): Promise<void> {
    this.#socket.ref();
    this.#socket.setTimeout(1_000, () => this.#socket.destroy());
    this.#socket.end(() => this.#socket.destroy());
    await this.closed;
  }
}

class LoggerChannel implements Channel {
  readonly closed: Promise<string>;
  readonly #process: FedProcess;

  constructor(path: string) {
    const options = ['--prio-prefix', '--socket-errors=on', '--size=16384'];
    const args = [...options, `--socket=${path}`, `--tag=${syslogTag}`, `--id=${process.pid}`];
    this.#process = new FedProcess({ file: logger, args });
    this.closed = this.#process.ended.then((complaint) => complaint || `${logger} ended`);
  }

  get waitingBytes(): number {
    return this.#process.waitingBytes;
  }

  write(priority: number, text: string): void {
    this.#process.write(`<${priority}>${text}\n`);
  }

  async close(): Promise<void> {
    await this.#process.end();
  }
}

function connect(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function isDatagramSocket(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPROTOTYPE';
}

/** Others than util-linux's do not know priorities in front of lines. */
async function checkLogger(): Promise<void> {
  const version = await new FedProcess({ file: logger, args: ['--version'] }).end();
  if (!version.includes('util-linux')) {
    throw new Error(
      `the daemon takes datagrams, for which the program ${logger} of util-linux is needed`,
    );
  }
}
