import { connect, type Socket } from 'node:net';
import type { CoordinateRecord } from '@tserf/client';
import type { LogLevel, SerfMember, Tags } from '@tserf/core';
import { logRecord } from '../../src/log-record.js';
import { LogRing } from '../../src/log-ring.js';
import type {
  HostEvent,
  HostKeyReport,
  HostQuery,
  HostQueryObserver,
  HostQueryRequest,
  RpcHost,
} from '../../src/rpc/host.js';
import { RpcServer, type RpcServerOptions } from '../../src/rpc/rpc-server.js';

/** A member on 127.0.0.1, alive unless said otherwise. */
export function member(name: string, changes: Partial<SerfMember> = {}): SerfMember {
  const port = changes.port ?? 17_946;
  return {
    name,
    address: new Uint8Array([127, 0, 0, 1]),
    port,
    endpoint: { host: '127.0.0.1', port },
    tags: {},
    status: 'alive',
    versions: {
      protocolMin: 1,
      protocolMax: 5,
      protocolCurrent: 2,
      delegateMin: 2,
      delegateMax: 5,
      delegateCurrent: 5,
    },
    ...changes,
  };
}

export const alpha = member('alpha', { tags: { role: 'web' } });
export const beta = member('beta', { port: 17_947, tags: { role: 'db' } });

/** A query that `beta` asks, with a minute left. */
export function query(changes: Partial<HostQuery> = {}): HostQuery {
  return {
    type: 'query',
    query: 1,
    ltime: 1,
    name: 'load',
    payload: undefined,
    from: 'beta',
    deadline: Date.now() + 60_000,
    ...changes,
  };
}

export function keyReport(changes: Partial<HostKeyReport> = {}): HostKeyReport {
  return {
    numNodes: 1,
    numResponses: 1,
    numErrors: 0,
    messages: new Map(),
    keys: new Map(),
    primaryKeys: new Map(),
    ...changes,
  };
}

/** A node without a network: a test says what it has and does, and sees what was asked of it. */
export class FakeHost implements RpcHost {
  readonly logs = new LogRing();
  readonly asked: unknown[][] = [];
  list: readonly SerfMember[] = [alpha, beta];
  sections: Record<string, Record<string, string>> = { agent: { name: 'alpha' } };
  report = keyReport();
  coordinates: Record<string, CoordinateRecord> = {};
  /** Whoever asked the last query. */
  observer: HostQueryObserver | undefined;
  readonly #listeners = new Set<(event: HostEvent) => void>();

  members = () => this.list;
  stats = () => this.sections;

  async join(addresses: readonly string[], options: { readonly replay: boolean }): Promise<number> {
    this.asked.push(['join', addresses, options]);
    return addresses.length;
  }

  async leave(): Promise<void> {
    this.asked.push(['leave']);
  }

  async shutdown(): Promise<void> {
    this.asked.push(['shutdown']);
  }

  async forceLeave(node: string, options: { readonly prune: boolean }): Promise<void> {
    this.asked.push(['forceLeave', node, options]);
  }

  async event(name: string, payload: Uint8Array | undefined, coalesce: boolean): Promise<void> {
    this.asked.push(['event', name, payload, coalesce]);
  }

  /** Tells its observer nothing: a test does, by `observer`. */
  async query(request: HostQueryRequest, observer: HostQueryObserver): Promise<() => void> {
    this.asked.push(['query', request]);
    this.observer = observer;
    return () => void this.asked.push(['end of query', request.name]);
  }

  async respond(query: number, payload: Uint8Array | undefined): Promise<void> {
    this.asked.push(['respond', query, payload]);
  }

  async updateTags(changes: { readonly set: Tags; readonly delete: readonly string[] }) {
    this.asked.push(['updateTags', changes]);
  }

  async installKey(key: string): Promise<HostKeyReport> {
    this.asked.push(['installKey', key]);
    return this.report;
  }

  async useKey(key: string): Promise<HostKeyReport> {
    this.asked.push(['useKey', key]);
    return this.report;
  }

  async removeKey(key: string): Promise<HostKeyReport> {
    this.asked.push(['removeKey', key]);
    return this.report;
  }

  async listKeys(): Promise<HostKeyReport> {
    this.asked.push(['listKeys']);
    return this.report;
  }

  coordinate = async (node: string): Promise<CoordinateRecord | undefined> =>
    this.coordinates[node];

  subscribe(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get subscribers(): number {
    return this.#listeners.size;
  }

  emit(event: HostEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  log(level: LogLevel, text: string): void {
    this.logs.add(logRecord(level, text, new Date(2026, 10, 23, 12, 50, 7)));
  }
}

/** A server on a free port, its host, and what it logged. */
export async function startServer(options: Partial<RpcServerOptions> = {}, host = new FakeHost()) {
  const lines: string[] = [];
  const log = (level: LogLevel, text: string) => {
    lines.push(`[${level}] ${text}`);
    host.log(level, text);
  };
  const server = await RpcServer.start({ address: '127.0.0.1:0', ...options }, host, log);
  const { port } = server.address;
  return {
    server,
    host,
    lines,
    port,
    address: `127.0.0.1:${port}`,
    connect: () => RawClient.connect(port),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** A client that knows bytes, not messages. */
export class RawClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #isClosed = false;
  #wake = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise((resolve) => socket.once('connect', resolve));
    return new RawClient(socket);
  }

  /** Handshake with number 0, as in the transcripts. */
  async shakeHands(): Promise<this> {
    this.send(handshake);
    await this.expect(ok(0));
    return this;
  }

  send(...hex: string[]): void {
    this.socket.write(Buffer.from(hex.join(''), 'hex'));
  }

  /** The next `length` bytes in hex; fewer when the server hangs up. */
  async read(length: number): Promise<string> {
    while (this.#received.length < length && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const read = this.#received.subarray(0, length).toString('hex');
    this.#received = this.#received.subarray(length);
    return read;
  }

  /** Fails unless exactly this comes next. */
  async expect(...hex: string[]): Promise<void> {
    const wanted = hex.join('');
    const got = await this.read(wanted.length / 2);
    if (got !== wanted) throw new Error(`expected ${wanted}\n     got ${got}`);
  }

  /** Whatever still comes until the server hangs up, in hex. */
  untilClosed(): Promise<string> {
    return this.read(Number.POSITIVE_INFINITY);
  }
}

const hexOf = (text: string) => Buffer.from(text).toString('hex');

/** msgpack text of up to 255 bytes, in hex. */
export function text(value: string): string {
  const bytes = hexOf(value);
  const length = bytes.length / 2;
  return (length < 32 ? (0xa0 + length).toString(16) : `d9${byte(length)}`) + bytes;
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** A request header with a number below 128. */
export function request(command: string, seq: number): string {
  return `82${text('Command')}${text(command)}${text('Seq')}${byte(seq)}`;
}

/** A response header with a number below 128. */
export function answer(seq: number, error: string): string {
  return `82${text('Error')}${text(error)}${text('Seq')}${byte(seq)}`;
}

export const ok = (seq: number) => answer(seq, '');
export const handshake = `${request('handshake', 0)}81a756657273696f6e01`;
export const emptyMembers = '81a74d656d6265727390';
