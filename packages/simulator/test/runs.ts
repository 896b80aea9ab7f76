import { expect } from 'vitest';
import {
  describeFailure,
  type Observation,
  type Result,
  type Scenario,
  simulate,
} from '../src/index.js';

/** Plays a scenario that must break no rule. */
export function play(scenario: Scenario, seed: number, log?: (line: string) => void): Result {
  const result = simulate(scenario, seed, log);
  if (result.violations.length > 0) expect.fail(describeFailure(result));
  return result;
}

export function eventsOf(
  result: Result,
  type: Observation['type'],
  member?: string,
): Observation[] {
  return result.events.filter(
    (event) => event.type === type && (member === undefined || event.member === member),
  );
}

/** The nodes that saw an event of `member`, each once, in alphabetical order. */
export function witnesses(result: Result, type: Observation['type'], member: string): string[] {
  return [...new Set(eventsOf(result, type, member).map(({ node }) => node))].sort();
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('No numbers, no median.');
  return middle;
}

/** Several seeds for a scenario whose outcome may not hang on one. */
export function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
