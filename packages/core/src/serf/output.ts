import type { SwimEffect, SwimReport } from '../swim/output.js';
import type { SerfEvent } from './event.js';
import type { RequestId } from './input.js';
import type { MemberEvent, SerfMember } from './member.js';
import type { SerfTimer } from './timer.js';

/** What the shell must do for a node. */
export type SerfEffect =
  | Exclude<SwimEffect, { type: 'schedule' }>
  | { readonly type: 'schedule'; readonly timer: SerfTimer; readonly atMs: number };

/** What the application is told. */
export type SerfNotice =
  | { readonly type: 'event'; readonly event: SerfEvent }
  /** The record of a member is new or changed in any visible field, event or not. */
  | { readonly type: 'memberChanged'; readonly member: SerfMember }
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
  | { readonly type: 'report'; readonly code: 'refutingLeave' }
  | {
      readonly type: 'report';
      readonly code: 'nameConflict';
      readonly node: string;
      readonly own: boolean;
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
  | {
      readonly type: 'report';
      readonly code: 'leaveIncomplete';
      readonly step: 'intent' | 'membership';
    };

export type SerfOutput = SerfEffect | SerfNotice | SerfReport;
