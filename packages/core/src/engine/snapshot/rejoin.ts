import type { KnownPeer } from '../../serf/snapshot/restored-state.js';
import type { Random } from '../../swim/random.js';
import { shuffle } from '../../swim/random-choice.js';
import { type Endpoint, formatEndpoint } from '../../wire/endpoint.js';
import { isStreamFailure } from '../exchanges.js';
import type { LogLine } from '../log.js';
import { printable } from '../printable.js';

export interface RejoinParts {
  readonly random: Random;
  /** Exchanges states, as a join. Rejects with a ConnectionError or an ExchangeError. */
  pushPull(to: Endpoint): Promise<void>;
  log(line: LogLine): void;
  /** False once the node is on its way out. */
  isWanted(): boolean;
}

/**
 * Contacts the members of before, one after another in random order, until one answers (spec/03 §10.8). Resolves to
 * whether one did.
 */
export async function rejoin(peers: readonly KnownPeer[], parts: RejoinParts): Promise<boolean> {
  const shuffled = [...peers];
  shuffle(shuffled, parts.random);
  for (const { name, endpoint } of shuffled) {
    if (!parts.isWanted()) return false;
    const who = `${printable(name)}: ${formatEndpoint(endpoint)}`;
    const text = `serf: Attempting re-join to previously known node: ${who}`;
    parts.log({ level: 'INFO', text });
    try {
      await parts.pushPull(endpoint);
    } catch (error) {
      if (!isStreamFailure(error)) throw error;
      parts.log({ level: 'DEBUG', text: `memberlist: failed to join ${who}: ${error.message}` });
      continue;
    }
    parts.log({ level: 'INFO', text: `serf: Re-joined to previously known node: ${who}` });
    return true;
  }
  if (parts.isWanted()) {
    parts.log({ level: 'WARN', text: 'serf: Failed to re-join any previously known node' });
  }
  return false;
}
