import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { createConnection } from 'node:net';

/** A way to a metrics server. */
export interface MetricsWire {
  /** Why it broke; resolves at its end, whoever ended it. */
  readonly broken: Promise<string>;
  /** Bytes that wait in this process. */
  readonly waitingBytes: number;
  write(lines: readonly string[]): void;
  close(): void;
}

/** What a datagram holds, so that no network cuts it in two. */
const datagramBytes = 1_400;

/** To statsd. Rejects when the name is not known. */
export async function dialUdp(host: string, port: number): Promise<MetricsWire> {
  // A socket is of one family, and a name may have addresses of the other only. No name is this machine.
  const { address, family } = await lookup(host || '127.0.0.1', { order: 'ipv4first' });
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  socket.unref();
  const broken = new Promise<string>((resolve) => {
    socket.on('error', ({ message }) => {
      resolve(message);
      close();
    });
    socket.once('close', () => resolve('it was closed'));
  });
  let isClosed = false;
  const close = (): void => {
    if (!isClosed) socket.close();
    isClosed = true;
  };
  const wire: MetricsWire = {
    broken,
    waitingBytes: 0,
    write: (lines) => {
      for (const datagram of packed(lines)) {
        // Without a callback an error is told by the event above.
        if (!isClosed) socket.send(datagram);
      }
    },
    close,
  };
  return new Promise((resolve, reject) => {
    socket.connect(port, address, (error?: Error) => {
      if (error === undefined || error === null) return resolve(wire);
      close();
      reject(error);
    });
  });
}

/** To statsite. Rejects when nobody listens. */
export function dialTcp(host: string, port: number): Promise<MetricsWire> {
  const socket = createConnection({ host, port, noDelay: true });
  socket.unref();
  let reason = 'it was closed by the other side';
  const broken = new Promise<string>((resolve) => {
    socket.on('error', ({ message }) => {
      reason = message;
    });
    socket.once('close', () => resolve(reason));
  });
  // Nothing is said to us, but without reading we would not see the end.
  socket.resume();
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve({
        broken,
        get waitingBytes() {
          return socket.writableLength;
        },
        write: (lines) => void (socket.writable && socket.write(lines.join(''))),
        close: () => void socket.destroy(),
      });
    });
  });
}

function packed(lines: readonly string[]): string[] {
  const datagrams: string[] = [];
  let last = '';
  for (const line of lines) {
    if (last !== '' && Buffer.byteLength(last) + Buffer.byteLength(line) > datagramBytes) {
      datagrams.push(last);
      last = '';
    }
    last += line;
  }
  return last === '' ? datagrams : [...datagrams, last];
}
