import type { Suspect } from '../wire/messages.js';
import { hearDead } from './dead-rule.js';
import type { Entry } from './member-list.js';
import { refute } from './refute.js';
import { confirmationsWanted, suspicionMinMs } from './scaling.js';
import type { SwimState } from './state.js';
import { Suspicion, type SuspicionBounds } from './suspicion.js';
import type { SwimTimer } from './timer.js';
import { accusationProblem } from './verdicts.js';

/** Somebody, perhaps this node, suspects a member (spec/02 §5). `reason` is for the log. */
export function hearSuspect(state: SwimState, suspect: Suspect, reason = suspect.from) {
  const entry = state.members.get(suspect.node);
  if (entry === undefined) return;
  const problem = accusationProblem(suspect);
  if (problem !== undefined) return state.refuse(problem, suspect.node);
  if (suspect.incarnation < entry.member.incarnation) return;

  const running = state.suspicions.get(suspect.node);
  if (running !== undefined) return confirm(state, running, suspect);
  if (entry.member.state !== 'alive') return;
  if (entry === state.self) return refute(state, suspect.incarnation, 'suspect', suspect.from);

  startSuspicion(state, entry, suspect);
  state.emit({ type: 'report', code: 'suspecting', node: suspect.node, reason });
}

/** A suspicion's timer fell due. One that isn't its latest is void. */
export function suspicionDue(
  state: SwimState,
  timer: Extract<SwimTimer, { type: 'suspicion' }>,
): void {
  const suspicion = state.suspicions.get(timer.node);
  if (suspicion?.id !== timer.suspicion || suspicion.arming !== timer.arming) return;
  declareDead(state, timer.node, suspicion);
}

/** Puts off every running suspicion: what this process could not hear meanwhile counts against nobody. */
export function prolongSuspicions(state: SwimState, delayMs: number): void {
  for (const [node, suspicion] of state.suspicions) {
    const missedMs = Math.min(delayMs, state.nowMs - suspicion.sinceMs);
    if (missedMs <= 0) continue;
    suspicion.prolong(missedMs);
    arm(state, node, suspicion);
  }
}

function startSuspicion(state: SwimState, entry: Entry, suspect: Suspect): void {
  state.measures.suspect.add(1, state.nowMs);
  state.broadcast(suspect);
  state.members.update(entry, {
    ...entry.member,
    incarnation: suspect.incarnation,
    state: 'suspect',
    stateChangeMs: state.nowMs,
  });
  const id = state.nextSuspicionId();
  const suspicion = new Suspicion(id, suspicionBounds(state), suspect.from, state.nowMs);
  state.suspicions.set(suspect.node, suspicion);
  arm(state, suspect.node, suspicion);
}

function confirm(state: SwimState, suspicion: Suspicion, suspect: Suspect): void {
  if (!suspicion.confirm(suspect.from)) return;
  state.broadcast(suspect);
  if (suspicion.dueMs > state.nowMs) arm(state, suspect.node, suspicion);
  else declareDead(state, suspect.node, suspicion);
}

function arm(state: SwimState, node: string, { id, arming, dueMs }: Suspicion): void {
  state.schedule({ type: 'suspicion', node, suspicion: id, arming }, dueMs);
}

function declareDead(state: SwimState, node: string, suspicion: Suspicion): void {
  const { confirmations } = suspicion;
  const entry = state.members.get(node);
  if (entry?.member.state !== 'suspect') {
    throw new Error(`"${node}" is under suspicion, but ${entry?.member.state ?? 'unknown'}.`);
  }
  if (!suspicion.isConfirmed) state.measures.unconfirmedDeaths.add(1, state.nowMs);
  state.emit({ type: 'report', code: 'markedDead', node, confirmations });
  const { incarnation } = entry.member;
  hearDead(state, { type: 'dead', incarnation, node, from: state.options.name });
}

function suspicionBounds(state: SwimState): SuspicionBounds {
  const { suspicionMult, suspicionMaxTimeoutMult, probeIntervalMs } = state.options;
  const memberCount = state.members.length;
  const minMs = suspicionMinMs(suspicionMult, memberCount, probeIntervalMs);
  return {
    minMs,
    maxMs: suspicionMaxTimeoutMult * minMs,
    confirmationsWanted: confirmationsWanted(suspicionMult, memberCount),
  };
}
