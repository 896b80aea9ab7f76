import type { SwimState } from './state.js';
import { prolongSuspicions } from './suspect-rule.js';

/**
 * Tells whether a timer comes so late that this process must have stood still, and sees to it that nobody else pays
 * for that: running suspicions are put off by the delay, once per stall (spec/02 §10, "Stalls").
 */
export function isAfterStall(state: SwimState, dueMs: number): boolean {
  const { delayMs, isNew } = state.stalls.notice(dueMs, state.nowMs);
  if (delayMs > 0) prolongSuspicions(state, delayMs);
  if (isNew) state.emit({ type: 'report', code: 'stalled', lateMs: delayMs });
  return state.stalls.isStall(dueMs, state.nowMs);
}
