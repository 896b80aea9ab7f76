import { createServer, type Server, type Socket } from 'node:net';
import { ObjectScanner } from '@tserf/core/msgpack';
import { encodeWire, showWire, type WireValue } from './wire-values.ts';

/** What a peer does to one request, instead of answering it. */
export interface Oddity {
  /** The bytes that it sends; `seq` is the request's. */
  readonly says: (seq: number) => Uint8Array;
  /** Whether it hangs up then. */
  readonly hangsUp: boolean;
}

/** What an agent answers when all is well. Commands that are not here are answered by a header alone. */
const replies: Readonly<Record<string, WireValue>> = {
  join: { Num: 1 },
  members: memberList(),
  'members-filtered': memberList(),
  stats: { agent: { name: 'n1' } },
  'get-coordinate': {
    Coord: { Adjustment: 0, Error: 0, Height: 0, Vec: [0, 0, 0, 0, 0, 0, 0, 0] },
    Ok: true,
  },
  ...Object.fromEntries(
    ['install-key', 'use-key', 'remove-key', 'list-keys'].map((name) => [
      name,
      { Keys: { k: 1 }, Messages: {}, NumErr: 0, NumNodes: 1, NumResp: 1 },
    ]),
  ),
};

const commandsWithBody: ReadonlySet<string> = new Set([
  ...['handshake', 'auth', 'event', 'force-leave', 'join', 'members-filtered', 'tags', 'stream'],
  ...['monitor', 'stop', 'query', 'install-key', 'use-key', 'remove-key', 'get-coordinate'],
]);

/** Whoever listens where an agent is looked for: well-behaved up to one command, and odd then. */
export class StrangePeer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Resolves when the request has come that is answered oddly. */
  readonly isAsked: Promise<void>;
  #tellAsked = () => {};

  private constructor(server: Server) {
    this.#server = server;
    this.isAsked = new Promise((resolve) => {
      this.#tellAsked = resolve;
    });
  }

  /** `HOST:PORT`, as commands want it. */
  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `127.0.0.1:${address.port}`;
  }

  /** Without a `command` it is odd as soon as somebody connects. */
  static async start(command: string | undefined, oddity: Oddity): Promise<StrangePeer> {
    const server = createServer({ noDelay: true });
    const peer = new StrangePeer(server);
    server.on('connection', (socket) => peer.#serve(socket, command, oddity));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return peer;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #serve(socket: Socket, command: string | undefined, oddity: Oddity): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (command === undefined) {
      this.#act(socket, oddity, 0);
      return;
    }
    const scanner = new ObjectScanner({ maxBytes: 1024 * 1024, maxDepth: 32 });
    let isBody = false;
    socket.on('data', (chunk) => {
      scanner.push(chunk);
      for (let object = scanner.next(); object !== undefined; object = scanner.next()) {
        if (isBody) {
          isBody = false;
          continue;
        }
        const header = showWire(object) as { readonly Command: string; readonly Seq: number };
        isBody = commandsWithBody.has(header.Command);
        if (header.Command === command) this.#act(socket, oddity, header.Seq);
        else socket.write(answer(header.Seq, '', replies[header.Command]));
      }
    });
  }

  #act(socket: Socket, { says, hangsUp }: Oddity, seq: number): void {
    const bytes = says(seq);
    if (hangsUp) socket.end(bytes);
    else socket.write(bytes);
    this.#tellAsked();
  }
}

/** A header, and what follows it. */
export function answer(seq: number, error: string, body?: WireValue): Uint8Array {
  const header = encodeWire({ Error: error, Seq: seq });
  return body === undefined ? header : Buffer.concat([header, encodeWire(body)]);
}

/** What an agent answers to `command`. */
export function goodReply(command: string): WireValue | undefined {
  return replies[command];
}

function memberList(): WireValue {
  const versions = { DelegateCur: 5, DelegateMax: 5, DelegateMin: 2 };
  const protocols = { ProtocolCur: 2, ProtocolMax: 5, ProtocolMin: 1 };
  const member = { Name: 'n1', Addr: new Uint8Array([127, 0, 0, 1]), Port: 7946, Status: 'alive' };
  return { Members: [{ ...member, Tags: {}, ...versions, ...protocols }] };
}
