import type { PushPullNode } from '../wire/messages.js';
import type { Member } from './member.js';
import { areVersions } from './verdicts.js';

type Versioned = Pick<Member | PushPullNode, 'name' | 'state' | 'versions'>;

/**
 * Why two lists can't be one cluster: somebody speaks a version that somebody else doesn't understand (spec/01 §11).
 * Only those alive or suspect count; the dead don't speak. Entries without versions, which the merge refuses one by one,
 * don't block the others either.
 */
export function versionProblem(
  remote: readonly Versioned[],
  local: readonly Versioned[],
): string | undefined {
  const speakers = [...remote.filter(speaks), ...local.filter(speaks)];
  const protocol = { min: 0, max: 255 };
  const delegate = { min: 0, max: 255 };
  for (const { state, versions } of speakers) {
    // What a suspect understands limits nobody: it may be gone.
    if (state !== 'alive') continue;
    protocol.min = Math.max(protocol.min, versions.protocolMin);
    protocol.max = Math.min(protocol.max, versions.protocolMax);
    delegate.min = Math.max(delegate.min, versions.delegateMin);
    delegate.max = Math.min(delegate.max, versions.delegateMax);
  }
  for (const { name, versions } of speakers) {
    const { protocolCurrent, delegateCurrent } = versions;
    if (protocolCurrent < protocol.min || protocolCurrent > protocol.max) {
      return `"${name}" speaks protocol ${protocolCurrent}; all others together understand ${protocol.min} to ${protocol.max}`;
    }
    if (delegateCurrent < delegate.min || delegateCurrent > delegate.max) {
      return `"${name}" speaks upper protocol ${delegateCurrent}; all others together understand ${delegate.min} to ${delegate.max}`;
    }
  }
  return undefined;
}

function speaks({ state, versions }: Versioned): boolean {
  return (state === 'alive' || state === 'suspect') && areVersions(versions);
}
