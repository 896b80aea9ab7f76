import type { SwimTimer } from '../swim/timer.js';

/** See `SwimTimer`: data, never cancelled, ignored when late. */
export type SerfTimer =
  | { readonly type: 'swim'; readonly timer: SwimTimer }
  | { readonly type: 'reapTick' }
  | { readonly type: 'reconnectTick' }
  | { readonly type: 'healTick' }
  | { readonly type: 'queueCheckTick' }
  | { readonly type: 'broadcastWait'; readonly request: number }
  | { readonly type: 'leavePropagated' }
  | { readonly type: 'queryDeadline'; readonly query: number }
  | { readonly type: 'prune'; readonly node: string; readonly record: number };
