import { isUnspecified } from '../wire/endpoint.js';
import { memberNameProblem } from '../wire/message-codec.js';
import type { Alive, Dead, Suspect } from '../wire/messages.js';
import type { NodeVersions } from '../wire/versions.js';
import { isIncarnation } from './incarnation.js';
import type { RefusalReason } from './refusals.js';

/** What a member may say of itself at most (spec/01 §12). */
export const maxMetaBytes = 512;

/**
 * Why an alive message says nothing that can be believed, whoever it is about (spec/02 M1, M2, M25). Looked at before
 * anything is created: among random datagrams some are well-formed alive messages. Only a name that isn't in the list
 * yet has to be checked.
 */
export function aliveProblem(alive: Alive, isKnownName: boolean): RefusalReason | undefined {
  if (!isKnownName && memberNameProblem(alive.node) !== undefined) return 'name';
  const { length } = alive.address;
  if ((length !== 4 && length !== 16) || isUnspecified(alive.address)) return 'address';
  if (alive.port < 1 || alive.port > 65_535) return 'port';
  if (!areVersions(alive.versions)) return 'versions';
  if (alive.meta.length > maxMetaBytes) return 'meta';
  if (!isIncarnation(alive.incarnation)) return 'incarnation';
  return undefined;
}

/** The same for an accusation. An accused name that nobody here knows is ignored anyway. */
export function accusationProblem(accusation: Suspect | Dead): RefusalReason | undefined {
  if (!isIncarnation(accusation.incarnation)) return 'incarnation';
  if (memberNameProblem(accusation.from) !== undefined) return 'name';
  return undefined;
}

/** Six zeros mean "never said"; a range that holds no number is as useless (spec/02 §4 step 2). */
export function areVersions(versions: NodeVersions): boolean {
  const { protocolMin, protocolMax } = versions;
  return protocolMin > 0 && protocolMax >= protocolMin;
}
