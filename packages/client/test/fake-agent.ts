import { createServer, type Socket } from 'node:net';
import { MsgpackReader, ObjectScanner } from '@tserf/core/msgpack';
import { requestHeader } from '../src/protocol/header.js';

/** One request that came in. */
interface Received {
  readonly command: string;
  readonly seq: number | bigint;
  readonly socket: Socket;
}

/** What the fake does with a request; bodies of requests are skipped. */
export type Script = (request: Received) => void;

export const ok = (seq: number | bigint) => header(seq, '');

/** A response header in hex, for the small numbers that tests use. */
export function header(seq: number | bigint, error: string): string {
  const text = Buffer.from(error);
  const length =
    text.length < 32
      ? (0xa0 + text.length).toString(16)
      : `d9${text.length.toString(16).padStart(2, '0')}`;
  return `82a54572726f72${length}${text.toString('hex')}a3536571${Number(seq).toString(16).padStart(2, '0')}`;
}

/** An agent that says what the test wants. It shakes hands by itself. */
export async function startFakeAgent(script: Script) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const scanner = new ObjectScanner();
    socket.on('data', (chunk) => {
      scanner.push(chunk);
      for (let next = scanner.next(); next !== undefined; next = scanner.next()) {
        const { command, seq } = requestHeader.read(new MsgpackReader(next));
        if (command === 'handshake') say(socket, ok(seq));
        else if (command !== '') script({ command, seq, socket });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function say(socket: Socket, ...hex: string[]): void {
  socket.write(Buffer.from(hex.join(''), 'hex'));
}
