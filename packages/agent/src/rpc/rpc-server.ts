import { lookup } from 'node:dns/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { type HostPort, isLookupError, parseHostPort, systemErrorText } from '@tserf/client';
import { AddressError, joinHostPort } from '@tserf/core';
import { after } from '../delay.js';
import type { RpcHost, WriteLog } from './host.js';
import { RpcConnection } from './rpc-connection.js';

export interface RpcServerOptions {
  /** `host:port`. An empty host is every address, port 0 one that the system chooses. */
  readonly address: string;
  /** What clients must show. Empty, the default, is none. */
  readonly authKey?: string;
  /** Hears of each client, and of each command that one sends. */
  readonly count?: (what: 'accept' | 'command') => void;
  /** More clients than this are turned away. Serf has no limit; each costs a file descriptor of the agent's. */
  readonly maxConnections?: number;
  /** See `RpcConnectionOptions`. Serf never disconnects, so this is long. */
  readonly stallTimeoutMs?: number;
}

/** The RPC address cannot be used. The message is Go's: `listen tcp 127.0.0.1:7373: bind: address already in use`. */
export class RpcListenError extends Error {
  override readonly name = 'RpcListenError';
  readonly code = 'LISTEN_FAILED';
}

/** How long clients get to take the last answer when the agent ends. */
const farewellMs = 1_000;

/** Serves RPC clients (spec/05): Serf's own command line, and everything that speaks its protocol. */
export class RpcServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Map<Socket, RpcConnection>();
  #turnedAway = 0;
  #closing: Promise<void> | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Resolves when clients can connect. Fails with RpcListenError. */
  static async start(options: RpcServerOptions, host: RpcHost, log: WriteLog): Promise<RpcServer> {
    const target = await parse(options.address);
    // A client may have sent its last request and closed its half; it still gets the answer.
    const server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 15_000,
    });
    server.maxConnections = options.maxConnections ?? 1_024;
    const rpc = new RpcServer(server);
    server.on('connection', (socket) => rpc.#accept(socket, options, host, log));
    server.on('drop', (peer) =>
      rpc.#turnAway(formatPeer(peer?.remoteAddress, peer?.remotePort), log),
    );
    await listen(server, target);
    server.on('error', (error) =>
      log('ERR', `agent.ipc: Failed to accept client: ${error.message}`),
    );
    return rpc;
  }

  /** Where it listens. */
  get address(): HostPort {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server is closed');
    return { host: address.address, port: address.port };
  }

  /** Hangs up on everybody, after the answers that are on their way. Closing twice is harmless. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      const farewell = after(farewellMs, () => {
        for (const socket of this.#sockets.keys()) socket.destroy();
      });
      this.#server.close(() => {
        farewell.cancel();
        resolve();
      });
      for (const connection of this.#sockets.values()) connection.close();
    });
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(socket: Socket, options: RpcServerOptions, host: RpcHost, log: WriteLog): void {
    const { authKey = '', stallTimeoutMs = 60_000, count = () => {} } = options;
    count('accept');
    const client = formatPeer(socket.remoteAddress, socket.remotePort);
    const connection = new RpcConnection(socket, {
      host,
      log,
      authKey,
      client,
      stallTimeoutMs,
      commandCame: () => count('command'),
    });
    this.#sockets.set(socket, connection);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#sayTurnedAway(log);
    });
    log('INFO', `agent.ipc: Accepted client: ${client}`);
    if (this.#closing !== undefined) connection.close();
  }

  #turnAway(client: string, log: WriteLog): void {
    if (this.#turnedAway++ > 0) return;
    const limit = this.#server.maxConnections;
    log(
      'WARN',
      `agent.ipc: Failed to accept client: ${client}: ${limit} clients are connected, the limit`,
    );
  }

  /** There is room again: how many found none. */
  #sayTurnedAway(log: WriteLog): void {
    if (this.#turnedAway > 1) {
      log(
        'WARN',
        `agent.ipc: Failed to accept client: ${this.#turnedAway} clients were turned away`,
      );
    }
    this.#turnedAway = 0;
  }
}

async function parse(address: string): Promise<HostPort> {
  try {
    return await parseHostPort(address);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new RpcListenError(`listen tcp: ${error.message}`, { cause: error });
  }
}

async function listen(server: Server, { host, port }: HostPort): Promise<void> {
  let where = joinHostPort(host, port);
  try {
    // Without a host Node takes every address of either family, as Go does.
    const at = host === '' ? {} : { host: (await lookup(host, { order: 'ipv4first' })).address };
    where = joinHostPort(at.host ?? '', port);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ ...at, port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const message = isLookupError(error)
      ? `listen tcp: lookup ${host}: no such host`
      : `listen tcp ${where}: bind: ${systemErrorText(error)}`;
    throw new RpcListenError(message, { cause: error });
  }
}

/** `ip:port`. An IPv4 client of a listener for both families is plain IPv4. */
function formatPeer(address = '', port = 0): string {
  return joinHostPort(address.replace(/^::ffff:(?=\d+\.)/, ''), port);
}
