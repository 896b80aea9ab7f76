import {
  type CoordinateRecord,
  type EventRecord,
  KeyError,
  type KeyReport,
  type MemberRecord,
  type QueryUpdate,
  RpcError,
} from '@tserf/client';
import type { Connect, RecordSource, RpcClient, RpcTarget } from '../../src/rpc.js';

/** Records that a test pushes. */
class FakeSource<T> implements RecordSource<T> {
  readonly #queue: T[] = [];
  #end: { error?: Error } | undefined;
  #wake = () => {};
  isStopped = false;

  push(...records: readonly T[]): void {
    this.#queue.push(...records);
    this.#wake();
  }

  lose(error: RpcError = new RpcError('CLOSED', 'client closed')): void {
    this.#finish(error);
  }

  /** Comes to its end by itself, after what was pushed. */
  end(): void {
    this.#finish();
  }

  stop(): Promise<void> {
    this.isStopped = true;
    this.#finish();
    return Promise.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const record = this.#queue.shift();
      if (record !== undefined) yield record;
      else if (this.#end?.error !== undefined) throw this.#end.error;
      else if (this.#end !== undefined) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #finish(error?: Error): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake();
  }
}

export interface FakeAgent {
  readonly connect: Connect;
  /** Where the command connected to, and each request it made, in order. */
  readonly targets: readonly RpcTarget[];
  readonly calls: readonly unknown[][];
  readonly isClosed: () => boolean;
  readonly events: FakeSource<EventRecord>;
  readonly log: FakeSource<string>;
  readonly updates: FakeSource<QueryUpdate>;
}

export interface FakeAgentOptions {
  readonly members?: readonly MemberRecord[];
  readonly stats?: Record<string, Record<string, string>>;
  readonly joined?: number;
  readonly coordinates?: Readonly<Record<string, CoordinateRecord>>;
  readonly keyReport?: Partial<KeyReport>;
  /** The text with which a request of that name is refused. */
  readonly refuse?: Readonly<Record<string, string>>;
  readonly connectError?: Error;
}

/** An agent that answers what a test says, and remembers what it was asked. */
export function fakeAgent(options: FakeAgentOptions = {}): FakeAgent {
  const targets: RpcTarget[] = [];
  const calls: unknown[][] = [];
  const events = new FakeSource<EventRecord>();
  const log = new FakeSource<string>();
  const updates = new FakeSource<QueryUpdate>();
  let closed = false;
  const answer = <T>(request: string, args: readonly unknown[], value: T): Promise<T> => {
    calls.push([request, ...args]);
    const refusal = options.refuse?.[request];
    if (refusal === undefined) return Promise.resolve(value);
    return Promise.reject(new RpcError('REFUSED', refusal));
  };
  const keyReport: KeyReport = {
    messages: {},
    keys: undefined,
    numNodes: 0,
    numErrors: 0,
    numResponses: 0,
    primaryKeys: undefined,
    ...options.keyReport,
  };
  const answerKeys = async (request: string, args: readonly unknown[]) => {
    try {
      return await answer(request, args, keyReport);
    } catch (error) {
      throw new KeyError((error as Error).message, keyReport);
    }
  };
  const client: RpcClient = {
    members: () => answer('members', [], options.members ?? []),
    membersFiltered: (filter) => answer('membersFiltered', [filter], options.members ?? []),
    join: (addresses, how) => answer('join', [addresses, how], options.joined ?? 1),
    leave: () => answer('leave', [], undefined),
    forceLeave: (node, how) => answer('forceLeave', [node, how], undefined),
    event: (...args) => answer('event', args, undefined),
    updateTags: (changes) => answer('updateTags', [changes], undefined),
    installKey: (key) => answerKeys('installKey', [key]),
    useKey: (key) => answerKeys('useKey', [key]),
    removeKey: (key) => answerKeys('removeKey', [key]),
    listKeys: () => answerKeys('listKeys', []),
    getCoordinate: (node) => answer('getCoordinate', [node], options.coordinates?.[node]),
    query: (...asked) => answer('query', asked, updates),
    stats: () => answer('stats', [], options.stats ?? {}),
    monitor: (level) => answer('monitor', [level], log),
    stream: (filter) => answer('stream', [filter], events),
    close: () => {
      closed = true;
      events.lose();
      log.lose();
      updates.end();
      return Promise.resolve();
    },
  };
  return {
    connect: (target) => {
      targets.push(target);
      if (options.connectError !== undefined) return Promise.reject(options.connectError);
      return Promise.resolve(client);
    },
    targets,
    calls,
    isClosed: () => closed,
    events,
    log,
    updates,
  };
}

/** A member with usual values where a test does not care. */
export function member(values: Partial<MemberRecord> & { readonly name: string }): MemberRecord {
  return {
    address: Uint8Array.of(127, 0, 0, 1),
    port: 28946,
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
    ...values,
  };
}
