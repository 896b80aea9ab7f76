import type { Dead } from '../wire/messages.js';
import type { Token } from './input.js';
import { isPresent } from './member-list.js';
import { refute } from './refute.js';
import type { SwimState } from './state.js';
import { accusationProblem } from './verdicts.js';

/**
 * Somebody says of a member that it is dead, or, when the member says so itself, that it left (spec/02 §6). Dead never
 * becomes left by this, nor the other way round.
 */
export function hearDead(state: SwimState, dead: Dead, token?: Token) {
  const entry = state.members.get(dead.node);
  if (entry === undefined) return;
  const problem = accusationProblem(dead);
  if (problem !== undefined) return state.refuse(problem, dead.node);

  const before = entry.member;
  if (dead.incarnation < before.incarnation || !isPresent(before)) return;
  if (entry === state.self && !state.hasLeft) {
    return refute(state, dead.incarnation, 'dead', dead.from);
  }

  state.measures.dead.add(1, state.nowMs);
  state.suspicions.delete(dead.node);
  state.broadcast(dead, token);
  state.members.update(entry, {
    ...before,
    incarnation: dead.incarnation,
    state: dead.from === dead.node ? 'left' : 'dead',
    stateChangeMs: state.nowMs,
  });
  state.emit({ type: 'departed', member: entry.member });
}
