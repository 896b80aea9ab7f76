import type { LogLevel, QueryNotice } from '../engine/protocol.js';
import type { UserEvent } from '../serf/event.js';
import type { MemberEvent, MemberEventType } from '../serf/member.js';

/** A question that another member, or this one, asks. */
export interface IncomingClusterQuery extends QueryNotice {
  /**
   * Answers; each member may once, until the deadline. Rejects with a ClusterError `REFUSED` that says why an answer was
   * not taken: it was too large or too late, or there was one already.
   */
  respond(payload?: Uint8Array | string): Promise<void>;
}

/** Everything that happens in the cluster: members that come, change and go, user events, and queries. */
export type ClusterEvent = MemberEvent | UserEvent | IncomingClusterQuery;

/** One line of the log, in Serf's words where Serf has them; time and format are the application's. */
export interface ClusterLogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** What `on` and `off` take: an event by its type, all of them as `event`, and the log. */
export type ClusterEvents = { readonly [Type in MemberEventType]: MemberEvent } & {
  readonly user: UserEvent;
  readonly query: IncomingClusterQuery;
  readonly event: ClusterEvent;
  readonly log: ClusterLogLine;
};
