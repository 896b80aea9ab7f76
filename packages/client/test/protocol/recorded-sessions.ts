import { readFileSync } from 'node:fs';
import { MsgpackReader, ObjectScanner } from '@tserf/core/msgpack';
import { requestHeader } from '../../src/protocol/header.js';

/** One connection between a client and a real Serf agent, as it was recorded. */
export interface RecordedConnection {
  readonly id: string;
  /** What was called: a command line, or what a client of one's own did. */
  readonly command: string;
  readonly isSerfCli: boolean;
  readonly chunks: readonly { readonly dir: 'c2s' | 's2c'; readonly hex: string }[];
}

interface Entry {
  readonly id: string;
  readonly client: string;
  readonly command: string;
  readonly connections: readonly Pick<RecordedConnection, 'chunks'>[];
}

const file = new URL('../vectors/rpc.json', import.meta.url);

export function recordedConnections(): RecordedConnection[] {
  const entries = JSON.parse(readFileSync(file, 'utf8')) as Entry[];
  return entries.flatMap(({ id, client, command, connections }) =>
    connections.map(({ chunks }) => ({ id, command, isSerfCli: client === 'serf cli', chunks })),
  );
}

/** The objects of one direction, in order. Ends where the bytes are no msgpack. */
export function objectsOf({ chunks }: RecordedConnection, dir: 'c2s' | 's2c'): Uint8Array[] {
  const scanner = new ObjectScanner();
  const objects: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (chunk.dir !== dir) continue;
    scanner.push(Buffer.from(chunk.hex, 'hex'));
    for (let next = scanner.next(); next !== undefined; next = scanner.next()) objects.push(next);
  }
  return objects;
}

/** Commands by their `Seq`, and each request's body. */
export function requestsOf(connection: RecordedConnection) {
  const requests: { command: string; seq: number | bigint; body: Uint8Array | undefined }[] = [];
  for (const object of objectsOf(connection, 'c2s')) {
    const { command, seq } = requestHeader.read(new MsgpackReader(object));
    const last = requests.at(-1);
    if (command !== '') requests.push({ command, seq, body: undefined });
    else if (last !== undefined) last.body = object;
  }
  return requests;
}
