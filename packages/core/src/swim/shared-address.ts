import { formatEndpoint } from '../wire/endpoint.js';
import { type Entry, isPresent, type MemberList } from './member-list.js';
import type { SwimReport } from './output.js';

const windowMs = 60_000;
const reportsPerWindow = 2;

/**
 * Notices when two members advertise one address: both will seem to come and go. One line that names both is all that
 * happens, at most twice a minute; nobody is suspected for it.
 */
export class SharedAddresses {
  /** When the latest lines were written, the oldest first. */
  #reportedMs: number[] = [];

  /** The line that is due because `entry` appeared at its address, if any. */
  check(members: MemberList, entry: Entry, nowMs: number): SwimReport | undefined {
    const { endpoint, name } = entry.member;
    for (const other of members.at(endpoint)) {
      if (other === entry || !isPresent(other.member)) continue;
      if (!this.#mayReport(nowMs)) return undefined;
      const address = formatEndpoint(endpoint);
      const first = other.member.name;
      return { type: 'report', code: 'sharedAddress', first, second: name, address };
    }
    return undefined;
  }

  #mayReport(nowMs: number): boolean {
    const recent = this.#reportedMs.filter((atMs) => nowMs - atMs < windowMs);
    const hasRoom = recent.length < reportsPerWindow;
    this.#reportedMs = hasRoom ? [...recent, nowMs] : recent;
    return hasRoom;
  }
}
