import { expect, test } from 'vitest';
import { describeFailure, randomScenario, simulate } from '../../src/index.js';

/**
 * One test for each seed, so that a failing one is named. The seeds are spread over several files because Vitest runs
 * files side by side.
 */
export function checkSeeds(first: number, last: number): void {
  for (let seed = first; seed <= last; seed += 1) {
    test(`seed ${seed} keeps every rule, and all agree after healing`, { timeout: 400_000 }, () => {
      const result = simulate(randomScenario(seed), seed);

      if (result.violations.length > 0) expect.fail(describeFailure(result));
      expect(result.agreedAfterMs).toBeDefined();
    });
  }
}
