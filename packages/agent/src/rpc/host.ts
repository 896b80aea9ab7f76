import type { CoordinateRecord, Stats } from '@tserf/client';
import type { LogLevel, MemberEvent, SerfMember, Tags } from '@tserf/core';
import type { LogRing } from '../log-ring.js';

/** What happened in the cluster, for event streams and handlers. */
export type HostEvent = MemberEvent | HostUserEvent | HostQuery;

export interface HostUserEvent {
  readonly type: 'user';
  /** Its Lamport time. */
  readonly ltime: number;
  readonly name: string;
  readonly payload: Uint8Array | undefined;
  readonly coalesce: boolean;
}

/** A question that this node was asked. */
export interface HostQuery {
  readonly type: 'query';
  /** For `respond`: names this query on this node. Clients get a number of their connection's own instead. */
  readonly query: number;
  /** Its Lamport time. */
  readonly ltime: number;
  readonly name: string;
  readonly payload: Uint8Array | undefined;
  /** The node that asks. */
  readonly from: string;
  /** Until when an answer counts, in milliseconds of the wall clock. */
  readonly deadline: number;
}

/** A question to the cluster. */
export interface HostQueryRequest {
  readonly name: string;
  readonly payload: Uint8Array | undefined;
  /** Exact names; empty asks every node. */
  readonly filterNodes: readonly string[];
  /** Patterns of Go's dialect, by tag; the nodes that are asked apply them. */
  readonly filterTags: Tags;
  readonly requestAck: boolean;
  /** 0 to 255. */
  readonly relayFactor: number;
  /** 0 is Serf's default for the size of the cluster; a negative one ends at once. */
  readonly timeoutMs: number;
  /** Whether to end once every node that is asked has acked, as far as that is wanted, and answered. */
  readonly early: boolean;
}

/** Hears what comes of a query. Calls never wait. */
export interface HostQueryObserver {
  ack(from: string): void;
  response(from: string, payload: Uint8Array | undefined): void;
  /** The last call: the deadline has passed, or nobody is left to wait for. */
  done(): void;
}

/** What came of a change of keys, or of a look at them, on all nodes (spec/03 §15). */
export interface HostKeyReport {
  readonly numNodes: number;
  readonly numResponses: number;
  readonly numErrors: number;
  /** What nodes had to say, by node. */
  readonly messages: ReadonlyMap<string, string>;
  /** How many nodes hold each key, by its base64. */
  readonly keys: ReadonlyMap<string, number>;
  /** How many nodes seal with each key, by its base64. */
  readonly primaryKeys: ReadonlyMap<string, number>;
}

/** The node that RPC clients drive. An error's message goes to the client as it is, in Serf's words. */
export interface RpcHost {
  members(): readonly SerfMember[];
  /** Resolves to how many addresses were reached; rejects when none was, with the whole text of spec/05 §8.3. */
  join(addresses: readonly string[], options: { readonly replay: boolean }): Promise<number>;
  /** Resolves when the cluster knows. Always followed by `shutdown`. */
  leave(): Promise<void>;
  /** Ends the agent, this server included. */
  shutdown(): Promise<void>;
  forceLeave(node: string, options: { readonly prune: boolean }): Promise<void>;
  stats(): Stats | Promise<Stats>;
  /** Calls `listener` for every event until the returned function is called. The listener never waits. */
  subscribe(listener: (event: HostEvent) => void): () => void;
  readonly logs: LogRing;
  /** Resolves when the event is on its way. */
  event(name: string, payload: Uint8Array | undefined, coalesce: boolean): Promise<void>;
  /**
   * Resolves when the query was sent; rejects when it cannot be. The observer may be called before that. What it
   * resolves to ends the query: nobody listens any more.
   */
  query(request: HostQueryRequest, observer: HostQueryObserver): Promise<() => void>;
  /** Answers a query by the handle that its event has. */
  respond(query: number, payload: Uint8Array | undefined): Promise<void>;
  /** Deletes first, then sets. Resolves when the cluster knows. */
  updateTags(changes: { readonly set: Tags; readonly delete: readonly string[] }): Promise<void>;
  /** Keys are base64, as the client sent it. Rejects only when nobody could be asked. */
  installKey(key: string): Promise<HostKeyReport>;
  useKey(key: string): Promise<HostKeyReport>;
  removeKey(key: string): Promise<HostKeyReport>;
  listKeys(): Promise<HostKeyReport>;
  /** Where the node stands in the network; undefined when that is not known. */
  coordinate(node: string): Promise<CoordinateRecord | undefined>;
}

/** Takes one log record: `text` begins with the component, `agent.ipc: `. */
export type WriteLog = (level: LogLevel, text: string) => void;
