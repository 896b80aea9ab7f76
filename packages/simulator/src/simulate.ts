import type { Result } from './result.js';
import type { Scenario } from './scenario.js';
import { Simulation } from './simulation.js';

/**
 * Plays a scenario in virtual time. The seed decides everything that is left to chance: equal scenario and seed give
 * the same history bit for bit. `log` hears one line for each thing that a person might want to follow.
 */
export function simulate(scenario: Scenario, seed: number, log?: (line: string) => void): Result {
  return new Simulation(scenario, seed, log).run();
}
