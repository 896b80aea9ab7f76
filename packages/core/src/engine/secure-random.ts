import { randomFillSync } from 'node:crypto';
import type { Random } from '../swim/random.js';

/**
 * A source that nobody outside can foretell: sequence numbers and the choice of targets depend on it, and an attacker who
 * knew them could forge acks. Drawn from the system a few thousand numbers at a time.
 */
export function secureRandom(): Random {
  const pool = new Uint32Array(2_048);
  let next = pool.length;
  return () => {
    if (next >= pool.length) {
      randomFillSync(pool);
      next = 0;
    }
    const high = pool[next] ?? 0;
    const low = pool[next + 1] ?? 0;
    next += 2;
    return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
  };
}
