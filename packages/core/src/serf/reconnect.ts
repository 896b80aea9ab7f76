import type { Random } from '../swim/random.js';
import type { SerfMember } from './member.js';
import type { Members } from './members.js';

/**
 * The failed member to be dialled in this round, if any. The odds are those of failed members to present ones, so that
 * the whole cluster tries each failed member about once a round (spec/03 §11.1).
 */
export function reconnectTarget(
  members: Pick<Members, 'size' | 'leftCount' | 'failed'>,
  random: Random,
): SerfMember | undefined {
  const failed = members.failed();
  if (failed.length === 0) return undefined;
  const present = members.size - failed.length - members.leftCount;
  if (random() > failed.length / Math.max(1, present)) return undefined;
  return failed[Math.floor(random() * failed.length)];
}
