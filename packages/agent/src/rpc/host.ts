import type { QueryEventRecord, Stats, UserEventRecord } from '@tserf/client';
import type { LogLevel, MemberEvent, SerfMember } from '@tserf/core';
import type { LogRing } from '../log-ring.js';

/** What happened in the cluster, for event streams. A query gets its id on each connection. */
export type HostEvent = MemberEvent | UserEventRecord | Omit<QueryEventRecord, 'id'>;

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
}

/** Takes one log record: `text` begins with the component, `agent.ipc: `. */
export type WriteLog = (level: LogLevel, text: string) => void;
