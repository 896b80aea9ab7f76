/**
 * A timer is data: the core never cancels one. Each names its round and is ignored when that is no longer the current
 * one. The shell and the simulator treat it as opaque.
 */
export type SwimTimer =
  | { readonly type: 'probeTick' }
  | { readonly type: 'gossipTick' }
  | { readonly type: 'pushPullTick' }
  | { readonly type: 'probeTimeout'; readonly sequence: number }
  | { readonly type: 'probeDeadline'; readonly sequence: number }
  | { readonly type: 'relayNack'; readonly sequence: number }
  | { readonly type: 'relayDeadline'; readonly sequence: number }
  | { readonly type: 'pingTimeout'; readonly sequence: number }
  | {
      readonly type: 'suspicion';
      readonly node: string;
      readonly suspicion: number;
      readonly arming: number;
    }
  | { readonly type: 'broadcastWait'; readonly token: number };
