import { startDeadline } from './deadline.js';
import type { Link } from './link.js';
import type { RequestOf } from './protocol/commands.js';
import { type QueryUpdate, queryRecord } from './protocol/query-record.js';
import { RecordStream } from './record-stream.js';
import { RpcError } from './rpc-error.js';

export interface QueryOptions {
  /** Exact names of the nodes to ask; none, the default, asks every node. */
  readonly filterNodes?: readonly string[];
  /** Patterns of RE2, by tag: only nodes whose tags contain matches for all of them are asked. */
  readonly filterTags?: Readonly<Record<string, string>>;
  /** Whether nodes say that they have taken the question, before they answer it. */
  readonly requestAck?: boolean;
  /** By how many other nodes each answer also comes, 0 to 255: for networks that lose packets. */
  readonly relayFactor?: number;
  /** How long answers are waited for. 0, the default, is the agent's own measure of its cluster. */
  readonly timeoutMs?: number;
  /** Whether the query ends as soon as all nodes that were asked have answered. A Serf agent waits all the same. */
  readonly early?: boolean;
}

/** Enough for an ack and an answer of each node of a very large cluster. */
const updateLimit = 65_536;

/** Asks. Where a limit for replies is set, an agent that does not even say that it lives for so long ends it. */
export async function openQuery(
  link: Link,
  query: QueryOptions & Pick<RequestOf<'query'>, 'name' | 'payload'>,
  replyTimeoutMs: number | undefined,
): Promise<RecordStream<QueryUpdate>> {
  const stream = new RecordStream<QueryUpdate>(updateLimit);
  const watch = new Watch(link, replyTimeoutMs, (error) => {
    stream.finish(error);
    void forget();
  });
  const forget = await link.subscribe('query', withDefaults(query), {
    record(reader) {
      watch.heard();
      const record = queryRecord.read(reader);
      if (record?.type === 'done') {
        watch.stop();
        stream.finish(undefined);
        return true;
      }
      if (record !== undefined) stream.push(record);
      return false;
    },
    end(error) {
      watch.stop();
      stream.finish(error);
    },
  });
  stream.whenStopped(async () => {
    watch.stop();
    await forget();
  });
  watch.start();
  return stream;
}

function withDefaults(
  query: QueryOptions & Pick<RequestOf<'query'>, 'name' | 'payload'>,
): RequestOf<'query'> {
  const { name, payload, filterTags, filterNodes = [] } = query;
  const { requestAck = false, relayFactor = 0, timeoutMs = 0, early = false } = query;
  return { name, payload, filterNodes, filterTags, requestAck, relayFactor, timeoutMs, early };
}

/** Asks an agent that has been silent for long whether it is still there. */
class Watch {
  readonly #link: Link;
  readonly #silenceMs: number | undefined;
  readonly #lost: (error: RpcError) => void;
  #cancel = () => {};
  #isStopped = false;
  #hasHeard = false;

  constructor(link: Link, silenceMs: number | undefined, lost: (error: RpcError) => void) {
    this.#link = link;
    this.#silenceMs = silenceMs;
    this.#lost = lost;
  }

  start(): void {
    if (this.#isStopped || this.#silenceMs === undefined) return;
    this.#hasHeard = false;
    this.#cancel = startDeadline(this.#silenceMs, () => void this.#check());
  }

  heard(): void {
    this.#hasHeard = true;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #check(): Promise<void> {
    try {
      // Serf's and ours alike answer this at once, and nothing has the number 0 (spec/05 §8.9).
      if (!this.#hasHeard) await this.#link.call('stop', { stop: 0 });
      this.start();
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (!this.#isStopped) this.#lost(error);
    }
  }
}
