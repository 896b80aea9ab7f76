import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** All that `tserf dev` starts is on this machine only. */
export const HOST = '127.0.0.1';

/** Where to look next when some port of a row is in use: far enough for the last digit to stay the node's number. */
const STEP = 10;
const TRIES = 50;

export interface PortRows {
  /** First port of each row; node `i` has `first + i`. */
  readonly gossip: number;
  readonly rpc: number;
}

/** Can everything in the row from `first` be bound? A test hands in another answer. */
export type RowIsFree = (first: number, length: number, withUdp: boolean) => Promise<boolean>;

/**
 * The first rows of `length` free ports, from the given ones upward: neighbouring numbers are easier to type than
 * whatever the system would choose. Throws when there are none.
 */
export async function findPortRows(
  preferred: PortRows,
  length: number,
  isFree: RowIsFree = rowIsFree,
): Promise<PortRows> {
  return {
    gossip: await findRow(preferred.gossip, length, true, isFree),
    rpc: await findRow(preferred.rpc, length, false, isFree),
  };
}

async function findRow(
  preferred: number,
  length: number,
  withUdp: boolean,
  isFree: RowIsFree,
): Promise<number> {
  const last = Math.min(preferred + STEP * (TRIES - 1), 65_536 - length);
  for (let first = preferred; first <= last; first += STEP) {
    if (await isFree(first, length, withUdp)) return first;
  }
  throw new Error(`no ${length} free ports in a row from ${preferred} to ${last} on ${HOST}`);
}

const rowIsFree: RowIsFree = async (first, length, withUdp) => {
  for (let port = first; port < first + length; port++) {
    if (!(await tcpIsFree(port))) return false;
    if (withUdp && !(await udpIsFree(port))) return false;
  }
  return true;
};

function tcpIsFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}

function udpIsFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind(port, HOST, () => socket.close(() => resolve(true)));
  });
}
