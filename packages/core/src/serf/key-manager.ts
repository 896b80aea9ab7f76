import { DecodeError } from '../wire/decode-error.js';
import { decodeSerfMessage, encodeSerfMessage } from '../wire/serf-codec.js';
import { serfMessageType } from '../wire/serf-message-type.js';
import type { KeyResponse } from '../wire/serf-messages.js';
import type { KeyOperation, RequestId } from './input.js';
import { keyQueries, longestInternalAnswerBytes } from './internal-queries.js';
import type { KeyReport, SerfOutput } from './output.js';
import type { QueryCollectors, QuerySink } from './query-collectors.js';

export interface KeyManagerParts {
  readonly collectors: Pick<QueryCollectors, 'start' | 'stop'>;
  /** Members that the membership layer holds as alive, this node included. */
  readonly aliveCount: () => number;
  readonly nowMs: () => number;
  readonly emit: (output: SerfOutput) => void;
}

/** What an application asks to be done with the cluster's keys. */
export interface KeyRequest {
  readonly request: RequestId;
  readonly operation: KeyOperation;
  readonly key: Uint8Array | undefined;
  readonly relayFactor: number;
}

/** Requests that may wait for the ones before them: each takes seconds. */
const waitingLimit = 64;

/**
 * Has all members change their keys, or say which they have, and counts what they answer (spec/03 §15.3). Changes run one
 * at a time, so that each finds every member after the one before it; lists may run beside lists.
 */
export class KeyManager {
  readonly #parts: KeyManagerParts;
  readonly #waiting: KeyRequest[] = [];
  #changes = 0;
  #lists = 0;

  constructor(parts: KeyManagerParts) {
    this.#parts = parts;
  }

  request(request: KeyRequest): void {
    if (this.#waiting.length >= waitingLimit) {
      const error = `too many key operations wait: ${waitingLimit}`;
      this.#parts.emit({ type: 'done', request: request.request, error });
      return;
    }
    this.#waiting.push(request);
    this.#next();
  }

  #next(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || this.#changes > 0) return;
      if (first.operation !== 'list' && this.#lists > 0) return;
      this.#waiting.shift();
      this.#run(first);
    }
  }

  #run({ request, operation, key, relayFactor }: KeyRequest): void {
    const { collectors, nowMs, emit } = this.#parts;
    this.#count(operation, 1);
    const query = {
      name: keyQueries[operation],
      payload: encodeSerfMessage({ type: 'keyRequest', key: key ?? new Uint8Array() }),
      filterNodes: [],
      filterTags: {},
      requestAck: false,
      relayFactor,
      timeoutMs: 0,
      endEarly: false,
    };
    const error = collectors.start(query, this.#sink(request, operation), nowMs());
    if (error === undefined) return;
    emit({ type: 'done', request, error });
    this.#count(operation, -1);
  }

  #sink(request: RequestId, operation: KeyOperation): QuerySink {
    const { collectors, aliveCount, emit } = this.#parts;
    const tally = new KeyTally(aliveCount());
    const sink: QuerySink = {
      started: () => undefined,
      ack: () => undefined,
      response: (from, payload) => {
        tally.add(from, payload);
        if (tally.isComplete) collectors.stop(sink);
      },
      done: () => {
        emit({ type: 'keysDone', request, report: tally.report() });
        this.#count(operation, -1);
        this.#next();
      },
    };
    return sink;
  }

  #count(operation: KeyOperation, change: 1 | -1): void {
    if (operation === 'list') this.#lists += change;
    else this.#changes += change;
  }
}

/** Adds up what members answer. */
class KeyTally {
  readonly #numNodes: number;
  #numResponses = 0;
  #numErrors = 0;
  readonly #messages = new Map<string, string>();
  readonly #keys = new Map<string, number>();
  readonly #primaryKeys = new Map<string, number>();

  constructor(numNodes: number) {
    this.#numNodes = numNodes;
  }

  get isComplete(): boolean {
    return this.#numResponses === this.#numNodes;
  }

  add(from: string, payload: Uint8Array | undefined): void {
    this.#numResponses += 1;
    const response = readResponse(payload);
    if (typeof response === 'string') {
      this.#numErrors += 1;
      this.#messages.set(from, response);
      return;
    }
    const { result, message, keys = [], primaryKey } = response;
    if (!result) this.#numErrors += 1;
    if (!result || message !== '') this.#messages.set(from, message);
    for (const key of keys) this.#keys.set(key, (this.#keys.get(key) ?? 0) + 1);
    this.#primaryKeys.set(primaryKey, (this.#primaryKeys.get(primaryKey) ?? 0) + 1);
  }

  report(): KeyReport {
    return {
      numNodes: this.#numNodes,
      numResponses: this.#numResponses,
      numErrors: this.#numErrors,
      messages: new Map(this.#messages),
      keys: new Map(this.#keys),
      primaryKeys: new Map(this.#primaryKeys),
    };
  }
}

/** A member's answer, or in Serf's words why it cannot be read. */
function readResponse(payload: Uint8Array = new Uint8Array()): KeyResponse | string {
  if (payload[0] !== serfMessageType.keyResponse) {
    return `Invalid key query response type: ${payload[0] ?? 'none'}`;
  }
  if (payload.length > longestInternalAnswerBytes) {
    return `Failed to decode key query response: ${payload.length} bytes, more than a packet holds`;
  }
  try {
    const message = decodeSerfMessage(payload);
    return message.type === 'keyResponse' ? message : 'Failed to decode key query response';
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return `Failed to decode key query response: ${error.message}`;
  }
}
