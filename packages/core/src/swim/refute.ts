import type { Alive } from '../wire/messages.js';
import type { Member } from './member.js';
import type { SwimState } from './state.js';

/**
 * Answers a claim about this node by rising above it (SWIM §4.2, spec/02 §7). That somebody had to make the claim says
 * something about this node's own health (Lifeguard §IV-A).
 */
export function refute(
  state: SwimState,
  claimed: number,
  accusation: 'suspect' | 'dead' | 'alive',
  from: string,
): void {
  const { self } = state;
  const incarnation = state.incarnations.above(claimed);
  state.members.update(self, { ...self.member, incarnation });
  state.awareness.apply(1);
  if (state.mayReport('refuting')) {
    state.emit({ type: 'report', code: 'refuting', accusation, from });
  }
  state.broadcast(aliveMessage(self.member));
}

/** What a member's entry says, as a message. */
export function aliveMessage(member: Member): Alive {
  const { name, address, port, meta, incarnation, versions } = member;
  return { type: 'alive', incarnation, node: name, address, port, meta, versions };
}
