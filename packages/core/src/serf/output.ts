import type { SwimEffect, SwimReport } from '../swim/output.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { SerfEvent } from './event.js';
import type { KeyringChangeId, RequestId } from './input.js';
import type { MemberEvent, SerfMember } from './member.js';
import type { SerfTimer } from './timer.js';

/** What the shell must do for a node. */
export type SerfEffect =
  | Exclude<SwimEffect, { type: 'schedule' }>
  | { readonly type: 'schedule'; readonly timer: SerfTimer; readonly atMs: number }
  /** Look up a seed's `address`, as in a join; then feed `seedFound`. */
  | { readonly type: 'lookUp'; readonly address: string }
  /**
   * Exchange states, as a join, with whoever is at a seed's address; feed `seedReached` when somebody is. `replay`: user
   * events of before are wanted.
   */
  | {
      readonly type: 'contact';
      readonly address: string;
      readonly to: Endpoint;
      readonly replay: boolean;
    }
  /** A message of this layer for one member that is too large for a packet (spec/03 §14.5), and useless after its deadline. */
  | {
      readonly type: 'streamUser';
      readonly to: Endpoint;
      readonly node: string;
      readonly message: Uint8Array;
      readonly deadlineMs: number;
    }
  /**
   * Seal and open with these from here on, the primary first. A shell that keeps keys says with `keyringKept` what became
   * of this `change`.
   */
  | {
      readonly type: 'keyringChanged';
      readonly keys: readonly Uint8Array[];
      readonly change: KeyringChangeId;
    };

/** What the members answered to a change of keys, or a look at them (spec/03 §15.3). Keys are in base64. */
export interface KeyReport {
  /** Alive members when they were asked. */
  readonly numNodes: number;
  readonly numResponses: number;
  readonly numErrors: number;
  /** What members said beside success or failure, by name. */
  readonly messages: ReadonlyMap<string, string>;
  /** How many members hold each key; for a look at them alone. */
  readonly keys: ReadonlyMap<string, number>;
  /** How many members seal with each key. */
  readonly primaryKeys: ReadonlyMap<string, number>;
}

/** What the application is told. */
export type SerfNotice =
  | { readonly type: 'event'; readonly event: SerfEvent }
  /** A query of this node's went out; answers count until then. */
  | { readonly type: 'queryStarted'; readonly request: RequestId; readonly deadlineMs: number }
  | { readonly type: 'queryAck'; readonly request: RequestId; readonly from: string }
  | {
      readonly type: 'queryResponse';
      readonly request: RequestId;
      readonly from: string;
      readonly payload: Uint8Array | undefined;
    }
  /** At the deadline, or `early`, when nobody was left to wait for. */
  | {
      readonly type: 'queryDone';
      readonly request: RequestId;
      readonly acks: number;
      readonly responses: number;
      readonly early: boolean;
    }
  | { readonly type: 'keysDone'; readonly request: RequestId; readonly report: KeyReport }
  /** The vote on this node's own name was lost: it has to go (spec/03 §15.4). */
  | { readonly type: 'conflictLost' }
  /** The record of a member is new or changed in any visible field, event or not. */
  | { readonly type: 'memberChanged'; readonly member: SerfMember }
  /** Somebody who was lost, and known beyond the member list, has left: it is waited for no more. */
  | { readonly type: 'peerForgotten'; readonly name: string }
  /** The member is no longer in the list. */
  | { readonly type: 'memberForgotten'; readonly name: string }
  /** A request ended; `error` is text in Serf's words. */
  | { readonly type: 'done'; readonly request: RequestId; readonly error: string | undefined };

export type SerfReport =
  | SwimReport
  | {
      readonly type: 'report';
      readonly code: 'memberEvent';
      readonly event: MemberEvent['type'];
      readonly node: string;
      readonly host: string;
    }
  | {
      readonly type: 'report';
      readonly code: 'messageReceived';
      readonly kind: 'join' | 'leave' | 'userEvent' | 'query' | 'queryResponse';
      /** The node that an intent is about, the name of an event or query, or who responds. */
      readonly name: string;
    }
  /** An event or a query that is so far behind the clock that nobody remembers whether it is news. */
  | {
      readonly type: 'report';
      readonly code: 'tooOld';
      readonly kind: 'userEvent' | 'query';
      readonly name: string;
      readonly ltime: number;
      /** The clock that it is behind. */
      readonly clockTime: number;
    }
  | { readonly type: 'report'; readonly code: 'refutingLeave' }
  /** Somebody's query asks for tags by an expression that cannot be used. */
  | {
      readonly type: 'report';
      readonly code: 'badExpression';
      readonly expression: string;
      readonly detail: string;
    }
  /** A query asked for a change of this node's keys; `error` says why the keyring refused it. */
  | {
      readonly type: 'report';
      readonly code: 'keyChange';
      readonly operation: 'install' | 'use' | 'remove';
      readonly from: string;
      readonly error: string | undefined;
    }
  /** So many keys are more than one answer can list, and more than agents of Serf 0.9.4 survive. */
  | { readonly type: 'report'; readonly code: 'manyKeys'; readonly count: number }
  | {
      readonly type: 'report';
      readonly code: 'keyListTruncated';
      readonly shown: number;
      readonly total: number;
    }
  /** How the others voted on this node's name: it stays, or gives way. */
  | {
      readonly type: 'report';
      readonly code: 'conflictVote';
      readonly won: boolean;
      readonly matching: number;
      readonly responses: number;
    }
  /** The vote went to a rival that does not answer: this node stays. */
  | { readonly type: 'report'; readonly code: 'rivalSilent'; readonly rival: string }
  /** An answer went out, but not the copies that others were to carry. */
  | { readonly type: 'report'; readonly code: 'relayTooLarge'; readonly limit: number }
  | {
      readonly type: 'report';
      readonly code: 'nameConflict';
      readonly node: string;
      readonly own: boolean;
      /** Whether the cluster is asked whose the own name is. */
      readonly resolved: boolean;
      readonly existing: string;
      readonly other: string;
    }
  | { readonly type: 'report'; readonly code: 'badMessage'; readonly detail: string }
  | {
      readonly type: 'report';
      readonly code: 'coordinateRejected';
      readonly node: string;
      readonly reason: string;
    }
  | {
      readonly type: 'report';
      readonly code: 'contactingSeed';
      readonly seed: string;
      readonly address: string;
    }
  | {
      readonly type: 'report';
      readonly code: 'peerFound';
      readonly node: string;
      readonly address: string;
    }
  | {
      readonly type: 'report';
      readonly code: 'reconnecting';
      readonly node: string;
      readonly address: string;
    }
  | {
      readonly type: 'report';
      readonly code: 'queueDepth';
      readonly queue: 'Intent' | 'Event' | 'Query';
      readonly depth: number;
      readonly dropped: number;
    }
  /**
   * This node sends what no packet of gossip has room for. An event comes to the others with the next exchanges of states,
   * a query not at all.
   */
  | {
      readonly type: 'report';
      readonly code: 'tooLongToSpread';
      readonly kind: 'userEvent' | 'query';
      readonly name: string;
      readonly bytes: number;
    }
  | {
      readonly type: 'report';
      readonly code: 'leaveIncomplete';
      readonly step: 'intent' | 'membership';
    };

export type SerfOutput = SerfEffect | SerfNotice | SerfReport;
