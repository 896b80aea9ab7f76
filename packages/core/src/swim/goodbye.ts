import { announceSelf } from './alive-rule.js';
import { hearDead } from './dead-rule.js';
import type { Token } from './input.js';
import type { SwimState } from './state.js';

/** Tells the others that this node goes; it stays up to spread that (spec/02 §19). A second call has nothing to do. */
export function leave(state: SwimState, token: Token, timeoutMs: number): void {
  if (state.hasLeft) {
    state.emit({ type: 'broadcastFinished', token, outcome: 'sent' });
    return;
  }
  state.hasLeft = true;
  const { name: node, incarnation } = state.self.member;
  whileOthersHear(state, token, timeoutMs, (waiting) =>
    hearDead(state, { type: 'dead', incarnation, node, from: node }, waiting),
  );
}

/** Announces this node's metadata anew. After a leave nobody would take it. */
export function updateMeta(state: SwimState, token: Token, timeoutMs: number): void {
  if (state.hasLeft) {
    state.emit({ type: 'broadcastFinished', token, outcome: 'pruned' });
    return;
  }
  whileOthersHear(state, token, timeoutMs, (waiting) => announceSelf(state, waiting));
}

/** Waits for the broadcast only if there is somebody to hear it. */
function whileOthersHear(
  state: SwimState,
  token: Token,
  timeoutMs: number,
  announce: (waiting: Token | undefined) => void,
) {
  if (state.hasCompany) {
    state.startWait(token, timeoutMs);
    return announce(token);
  }
  announce(undefined);
  state.emit({ type: 'broadcastFinished', token, outcome: 'alone' });
}
