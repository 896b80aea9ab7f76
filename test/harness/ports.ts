import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Each test worker has a range of its own, so that two of them never race for one port. */
const span = 3_000;
const ranges = 4;
const worker = Number(process.env['VITEST_POOL_ID'] ?? 1);
const first = 20_000 + ((worker - 1) % ranges) * span;
const last = first + span - 1;
const given = new Set<number>();

/** A port on 127.0.0.1 that is free for TCP and UDP now and that this process has not given out before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = first + Math.floor(Math.random() * (last - first));
    if (given.has(port)) continue;
    if ((await tcpIsFree(port)) && (await udpIsFree(port))) {
      given.add(port);
      return port;
    }
  }
  throw new Error(`no free port between ${first} and ${last} after 200 tries`);
}

function tcpIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

function udpIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      socket.close(() => resolve(true));
    });
  });
}
